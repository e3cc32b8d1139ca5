// A chaos run: producers, the queue, its consumer in many environments, and all that goes wrong.
import { setTimeout } from "node:timers/promises";
import { GetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { hashKey } from "../../../../src/core/key.ts";
import { dynamodbStore } from "../../../../src/dynamodb/index.ts";
import { itemKey } from "../../../../src/dynamodb/item.ts";
import type { IdempotencyEvent } from "../../../../src/index.ts";
import { type SQSRecord, withIdempotencyKey } from "../../../../src/sqs/index.ts";
import type { Invocation } from "../../../mapping/invocation.ts";
import { type Mapping, startMapping } from "../../../mapping/mapping.ts";
import { drain, drainedCount, freshQueues, type Queues, sendAll } from "../../../support/queues.ts";
import { freshTable } from "../../../support/table.ts";
import { environment, keyIn, type World } from "./environment.ts";
import { claimsNothing, losingDeletes, refusingChanges, without } from "./faulty.ts";
import { injectorOf, type Injector, notWritten } from "./injector.ts";
import { type Plan, planOf, type Sending } from "./plan.ts";
import { loseOnTheWire } from "./wire.ts";

export interface ChaosOptions {
  readonly seed: number;
  readonly messages: number;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  /** A mistake that the run must find. */
  readonly plant?: Plant;
}

/**
 * `acks what is in progress`, `claims nothing` and `changes no visibility`: of the door. `keys by messageId`: of its user. `lists no
 * kill`: of the injector.
 */
export const plants = [
  "acks what is in progress",
  "claims nothing",
  "changes no visibility",
  "keys by messageId",
  "lists no kill",
] as const;
export type Plant = (typeof plants)[number];

export interface Played {
  readonly seed: number;
  readonly plan: Plan;
  readonly injector: Injector;
  readonly counts: ReturnType<Mapping["counts"]>;
  readonly events: Readonly<Record<string, number>>;
  /** How often visibility was not changed and no fault of the plan says why. */
  readonly unexplained: number;
  /** Keys of the messages in the dead-letter queue. */
  readonly dead: readonly string[];
  /** What is in the queue at the end. */
  readonly left: number;
  /** Keys whose record is in progress at the end. */
  readonly open: readonly string[];
  readonly seconds: number;
}

const visibilitySeconds = 5;
const functionTimeoutMs = 3000;
/** As often as the door has poison come back at once: after that it waits. */
const maxReceiveCount = 10;
/** MiniStack looks through the whole queue for each receive. */
const backlog = 1000;
/** More changes of visibility than a slow machine leaves undone in a short run. */
const enough = 20;

export async function play({ seed, messages, sqs, dynamodb, plant }: ChaosOptions): Promise<Played> {
  const startedAt = Date.now();
  const plan = planOf(seed, messages);
  const injector = plant === "lists no kill" ? { ...injectorOf(plan), allow: () => {} } : injectorOf(plan);
  const queues = await freshQueues(sqs, { visibilitySeconds, maxReceiveCount });
  const tableName = await freshTable(dynamodb);
  const events: Record<string, number> = {};
  let unexplained = 0;
  loseOnTheWire(dynamodb, plan, injector);
  const store = dynamodbStore({ client: dynamodb, tableName });
  const world: World = {
    store: plant === "claims nothing" ? claimsNothing(store) : store,
    sqs: plant === "changes no visibility" ? refusingChanges(sqs) : sqs,
    queueUrl: queues.url,
    injector,
    keys: plan.keys,
    key: plant === "keys by messageId" ? ({ messageId }: SQSRecord) => messageId : undefined,
    onEvent: ({ type }) => void (events[type] = (events[type] ?? 0) + 1),
  };
  const invocations = new WeakMap<object, Invocation>();
  const seen = watchDeliveries(plan, injector);
  const mapping = startMapping({
    client: losingDeletes(sqs, seed, injector),
    queue: queues,
    batchSize: 3, // each kill costs all of them a receive
    concurrency: 16,
    functionTimeoutMs,
    onInvocation(invocation) {
      invocations.set(invocation.event, invocation);
      const keys = invocation.event.Records.map(keyIn);
      invocation.event.Records.forEach(seen);
      for (const key of keys) if (injector.strikes(key, "batch answer lost")) invocation.loseAnswer();
    },
    async handler(event, context) {
      const deferred = new Set<string>(); // hashes of keys
      const onEvent = (told: IdempotencyEvent): void => {
        world.onEvent(told);
        if (told.type === "deferred") deferred.add(told.keyHash);
        // What retries to write until its time is over leaves none for the others of its batch.
        const isExplained = (): boolean => event.Records.some((record) => injector.allowed(keyIn(record)).includes(notWritten));
        if (told.type === "visibility_unchanged" && !isExplained()) unexplained++;
      };
      const answer = await environment({ ...world, onEvent }, invocations.get(event) as Invocation)(event, context);
      return plant === "acks what is in progress" ? without(deferred, event, answer) : answer;
    },
  });
  try {
    await produce(sqs, queues, plan, mapping);
    await Promise.race([mapping.idle(900_000), plant === undefined ? new Promise(() => {}) : mistake(plan, injector, () => unexplained)]);
  } finally {
    await mapping.stop();
  }
  return {
    seed,
    plan,
    injector,
    counts: mapping.counts(),
    events,
    unexplained,
    dead: (await drain(sqs, queues.dlqUrl)).map(({ Body = "" }) => keyIn({ body: Body })),
    left: await drainedCount(sqs, queues.url),
    open: await openKeys(dynamodb, tableName, plan),
    seconds: Math.round((Date.now() - startedAt) / 1000),
  };
}

/** A planted mistake is found once an effect came that nothing explains, or visibility was not changed again and again. */
async function mistake({ keys }: Plan, injector: Injector, unexplained: () => number): Promise<void> {
  const isFound = (): boolean =>
    unexplained() > enough || [...keys.keys()].some((key) => injector.effects(key) > 1 + injector.allowed(key).length);
  while (!isFound()) await setTimeout(200, undefined, { ref: false });
}

async function produce(sqs: SQSClient, queues: Queues, { sendings }: Plan, mapping: Mapping): Promise<void> {
  for (let first = 0; first < sendings.length; first += 10) {
    while (first - mapping.counts().deleted > backlog) await setTimeout(20);
    await sendAll(sqs, queues.url, sendings.slice(first, first + 10).map(messageOf));
  }
}

function messageOf({ key, place, delaySeconds }: Sending): Parameters<typeof sendAll>[2][number] {
  const MessageAttributes = { place: { DataType: "Number", StringValue: String(place) } };
  return withIdempotencyKey({ MessageBody: JSON.stringify({ key }), DelaySeconds: delaySeconds, MessageAttributes }, key);
}

/** Counts what comes twice, and what comes after a message that was sent later. */
function watchDeliveries(plan: Plan, injector: Injector): (record: SQSRecord) => void {
  const ids = new Map<string, Set<string>>();
  let furthest = -1;
  return (record) => {
    const key = keyIn(record);
    const { messageId, attributes, messageAttributes } = record;
    injector.note(key, `delivered ${messageId.slice(0, 8)}, receive ${attributes.ApproximateReceiveCount}`);
    const known = ids.get(key) ?? new Set();
    ids.set(key, known.add(messageId));
    if (known.has(messageId) && attributes.ApproximateReceiveCount !== "1") return;
    if (known.size > 1) injector.count("duplicate");
    if (plan.keys.get(key)?.isPoison === true) injector.count("poison");
    const place = Number(messageAttributes["place"]?.stringValue);
    if (place < furthest) injector.count("out of order");
    furthest = Math.max(furthest, place);
  };
}

async function openKeys(client: DynamoDBClient, TableName: string, { keys }: Plan): Promise<string[]> {
  const open: string[] = [];
  await Promise.all(
    Array.from({ length: 20 }, async (_, worker) => {
      for (const key of [...keys.keys()].filter((__, place) => place % 20 === worker)) {
        const Key = itemKey({ operation: "chaos", keyHash: hashKey(key) });
        const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
        if (Item?.["status"]?.S === "in_progress") open.push(key);
      }
    }),
  );
  return open;
}
