import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { events } from "lambda-once/testing";
import type { Engine } from "../../../test/engines/engine.ts";
import { startMapping } from "../../../test/mapping/mapping.ts";
import { countsOf, freshQueues, type Queues, sqsClientOf } from "../../../test/support/queues.ts";
import { clientOf, freshTable } from "../../../test/support/table.ts";
import { type Environment, startEnvironment } from "./environment.ts";
import { openLine } from "./line.ts";
import { completedIn, soldIn, stockTable } from "./tables.ts";

/** What the API did, and what the engine holds afterwards. */
export interface Played {
  readonly steps: readonly { readonly what: string; readonly answers: readonly string[]; readonly messages: number }[];
  readonly deliveries: number;
  readonly messagesLeft: number;
  readonly deadLetters: number;
  /** Records in the table that are completed, by operation. */
  readonly completed: Readonly<Record<string, number>>;
  readonly sold: number;
}

/** What the two orders are about. */
export const ordered = [
  { item: "mug", quantity: 2 },
  { item: "mug", quantity: 1 },
] as const;

const timeoutMs = 3000;
// AWS recommends six times the timeout; here somebody waits for it.
const visibilitySeconds = 4;

/** Runs both functions on an engine, as AWS would: the API twice, the API dying once it has sent, each message delivered twice. */
export async function play(engine: Engine): Promise<Played> {
  const [sqs, dynamodb] = [sqsClientOf(engine.endpoint), clientOf(engine.endpoint)];
  const line = await openLine(engine.endpoint);
  const running: Environment[] = [];
  try {
    const queues = await freshQueues(sqs, { visibilitySeconds, maxReceiveCount: 5 });
    const idempotencyTable = await freshTable(dynamodb);
    const variables = {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_ENDPOINT_URL: engine.endpoint,
      AWS_ENDPOINT_URL_SQS: line.endpoint,
      ORDERS_QUEUE_URL: new URL(new URL(queues.url).pathname, line.endpoint).href,
      IDEMPOTENCY_TABLE: idempotencyTable,
      STOCK_TABLE: await stockTable(dynamodb),
    };
    const start = async (name: string): Promise<Environment> => {
      const environment = await startEnvironment(fileURLToPath(new URL(`../${name}.ts`, import.meta.url)), variables, timeoutMs);
      running.push(environment);
      return environment;
    };
    const messages = async (): Promise<number> => (await countsOf(sqs, queues.url)).visible;

    const api = await start("api");
    const twice = [await post(api, 0), await post(api, 0)];
    const first = { what: "the same request twice", answers: twice.map(shown), messages: await messages() };

    line.beforeNextAnswer(() => api.kill());
    const dead = await post(api, 1).then(shown, messageOf);
    const retried = await untilAccepted(await start("api"), 1);
    const second = { what: "the API dies after it sent, the client retries", answers: [dead, ...retried], messages: await messages() };

    const deliveries = await consumeTwice(sqs, queues, await start("consumer"));
    const { visible, inFlight } = await countsOf(sqs, queues.url);
    return {
      steps: [first, second],
      deliveries,
      messagesLeft: visible + inFlight,
      deadLetters: (await countsOf(sqs, queues.dlqUrl)).visible,
      completed: await completedIn(dynamodb, idempotencyTable),
      sold: await soldIn(dynamodb, variables.STOCK_TABLE, "mug"),
    };
  } finally {
    await Promise.all(running.map((environment) => environment.kill()));
    await line.close();
    sqs.destroy();
    dynamodb.destroy();
  }
}

interface Response {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

async function post(api: Environment, order: 0 | 1): Promise<Response> {
  const event = events.apiGatewayV2({
    method: "POST",
    path: "/orders",
    route: "/orders",
    authorizer: { jwt: { claims: { sub: "customer-7" }, scopes: [] } },
    headers: { "Idempotency-Key": `key-of-order-${order + 1}` },
    body: ordered[order],
  });
  return (await api.invoke(event)) as Response;
}

/** As a client should: it waits as long as it is told. */
async function untilAccepted(api: Environment, order: 0 | 1): Promise<string[]> {
  const answers: string[] = [];
  for (;;) {
    const response = await post(api, order);
    answers.push(shown(response));
    if (response.statusCode !== 409) return answers;
    await setTimeout(Number(response.headers?.["retry-after"]) * 1000);
  }
}

/** Delivers what is in the queue, each message twice: the answer to its first delivery is lost. */
async function consumeTwice(client: SQSClient, queue: Queues, consumer: Environment): Promise<number> {
  const mapping = startMapping({
    client,
    queue,
    concurrency: 1,
    functionTimeoutMs: timeoutMs,
    handler: (event) => consumer.invoke(event),
    onInvocation({ event, loseAnswer }) {
      if (event.Records.some(({ attributes }) => attributes.ApproximateReceiveCount === "1")) loseAnswer();
    },
  });
  await mapping.idle();
  await mapping.stop();
  return mapping.counts().records;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function shown({ statusCode, body }: Response): string {
  const { code, orderId } = JSON.parse(body) as { code?: string; orderId?: string };
  return `${statusCode} ${code ?? `order ${orderId?.slice(0, 8)}…`}`;
}
