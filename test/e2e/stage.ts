// The example app, deployed: what can be called, and what can be read back, from outside and with AWS's own clients.
import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { type AttributeValue, DynamoDBClient, GetItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { hashKey, sha256 } from "../../src/core/key.ts";
import { nameOf } from "../../src/core/record.ts";
import { claimSortKey, partitionKey, sortKey } from "../../src/dynamodb/table.ts";
import { withIdempotencyKey } from "../../src/sqs/index.ts";
import { type ApiResponse, requestApi } from "../engines/api-request.ts";
import type { Ministack } from "../engines/ministack.ts";
import { clientConfig, type Credentials } from "../engines/ministack-access.ts";
import { type Ledger, ledgerIn, ledgerOf } from "../support/ledger.ts";
import { countsOf, receive, sendAll } from "../support/queues.ts";
import { until } from "../support/until.ts";

export type Item = Readonly<Record<string, AttributeValue>>;

/** A message as a producer sends it. */
export interface Message {
  readonly body: object;
  readonly key: string;
  /** Of a FIFO queue. */
  readonly group?: string;
}

export type Queue = "Orders" | "Shipments";
export type Handler = "OrdersHandler" | "ShipmentsHandler" | "PaymentsHandler" | "OrdersRedrive";

/** Somebody who may call the API. */
export interface Caller {
  /** As IAM names them to the API. */
  readonly id: string;
  readonly credentials: Credentials;
}

/** The origin whose pages may call the API. */
export const shop = "https://shop.example.com";

/** An event of the library, as `emfMetrics` writes it. */
export type Told = Readonly<Record<string, unknown>>;

export type Key = Parameters<typeof hashKey>[0];

/** The key of a payment: whose it is, what it was sent to, and what the client called it. */
export function paymentKey({ id }: Caller, key: string): Key {
  return [["caller", sha256(JSON.stringify(["signer", id]))], sha256(JSON.stringify(["POST", "/payments"])), key];
}

export type Stage = ReturnType<typeof stageOf>;

export function stageOf(engine: Ministack, outputs: Readonly<Record<string, string>>) {
  const config = clientConfig(engine);
  const [sqs, dynamodb, logs, lambda, iam] = [
    new SQSClient(config),
    new DynamoDBClient(config),
    new CloudWatchLogsClient(config),
    new LambdaClient(config),
    new IAMClient(config),
  ];
  const output = (name: string): string => {
    const found = Object.entries(outputs).find(([key]) => key.startsWith(name))?.[1];
    if (found === undefined) throw new Error(`The stack has no output ${name}: ${Object.keys(outputs).join(", ")}`);
    return found;
  };
  const queueUrl = (queue: Queue) => output(`${queue}QueueUrl`);
  const deadLetterQueueUrl = (queue: Queue) => output(`${queue}DeadLetterQueueUrl`);

  const functionOf = (handler: Handler) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName: output(`${handler}Name`) }));

  return {
    close(): void {
      for (const client of [sqs, dynamodb, logs, lambda, iam]) client.destroy();
    },

    iam,
    dynamodb,
    output,
    functionOf,

    /** In one SendMessageBatch, up to ten. */
    async send(queue: Queue, messages: readonly Message[]): Promise<void> {
      const inputs = messages.map(({ body, key, group }, i) => ({
        MessageBody: JSON.stringify(body),
        ...(group !== undefined && { MessageGroupId: group, MessageDeduplicationId: `${key}-${i}-${Date.now()}` }),
        key,
      }));
      await sendAll(
        sqs,
        queueUrl(queue),
        inputs.map(({ key, ...input }) => withIdempotencyKey(input, key)),
      );
    },

    /** Bodies in the dead-letter queue, which stay there. */
    async deadLetters(queue: Queue): Promise<readonly string[]> {
      return (await receive(sqs, deadLetterQueueUrl(queue), { visibilitySeconds: 0 })).map(({ Body = "" }) => Body);
    },

    /** A message that is in the dead-letter queue without having been in the queue. */
    async putDeadLetter(queue: Queue, { body, key }: Message): Promise<void> {
      await sendAll(sqs, deadLetterQueueUrl(queue), [withIdempotencyKey({ MessageBody: JSON.stringify(body) }, key)]);
    },

    /** Calls the redrive function of a queue. */
    async redrive(queue: Queue, event: object): Promise<unknown> {
      const { Payload, FunctionError } = await lambda.send(
        new InvokeCommand({ FunctionName: output(`${queue}RedriveName`), Payload: JSON.stringify(event) }),
      );
      const answer = Payload?.transformToString() ?? "";
      if (FunctionError !== undefined) throw new Error(`the redrive function failed: ${answer}`);
      return JSON.parse(answer);
    },

    /** Messages in the queue, in flight or not. */
    async messagesIn(queue: Queue): Promise<number> {
      const { visible, inFlight } = await countsOf(sqs, queueUrl(queue));
      return visible + inFlight;
    },

    /** POST /payments, unsigned where nobody calls. */
    pay(caller: Caller | undefined, key: string | undefined, payment: object): Promise<ApiResponse> {
      const headers = { "content-type": "application/json", origin: shop, ...(key !== undefined && { "idempotency-key": key }) };
      const signed = caller === undefined ? {} : { credentials: caller.credentials };
      return requestApi(engine, {
        apiId: apiIdOf(output("PaymentsUrl")),
        method: "POST",
        path: "/payments",
        headers,
        body: JSON.stringify(payment),
        ...signed,
      });
    },

    /** The preflight of a POST /payments by a page of the shop. */
    preflight(): Promise<ApiResponse> {
      const headers = { origin: shop, "access-control-request-method": "POST", "access-control-request-headers": "idempotency-key" };
      return requestApi(engine, { apiId: apiIdOf(output("PaymentsUrl")), method: "OPTIONS", path: "/payments", headers });
    },

    async record(operation: string, key: Key): Promise<Item | undefined> {
      const Key = { [partitionKey]: { S: nameOf({ operation, keyHash: hashKey(key) }) }, [sortKey]: { S: claimSortKey } };
      return (await dynamodb.send(new GetItemCommand({ TableName: output("IdempotencyTableName"), Key, ConsistentRead: true }))).Item;
    },

    ledger: (reference: string): Promise<Ledger> => ledgerIn(dynamodb, output("LedgerTableName"), reference),

    async wholeLedger(): Promise<ReadonlyMap<string, Ledger>> {
      const rows = new Map<string, Ledger>();
      for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName: output("LedgerTableName"), ConsistentRead: true }))
        for (const item of Items) rows.set(item["reference"]?.S ?? "", ledgerOf(item));
      return rows;
    },

    /** The lines that a handler has written. */
    async lines(handler: Handler): Promise<readonly string[]> {
      const { LoggingConfig } = await functionOf(handler);
      const lines: string[] = [];
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName: LoggingConfig?.LogGroup }))
        lines.push(...events.map(({ message = "" }) => message));
      return lines;
    },

    /** What a handler has written that is JSON, behind what Lambda's own console puts in front of a line. */
    async logged(handler: Handler): Promise<readonly Record<string, unknown>[]> {
      const found = (await this.lines(handler)).map((line) => /^(?:\S+\t\S+\t[A-Z]+\t)?(\{.*\})\s*$/s.exec(line)?.[1]);
      return found.filter((text) => text !== undefined).map((text) => JSON.parse(text) as Record<string, unknown>);
    },

    /** What a handler tells of a key, once it has written it. */
    event(handler: Handler, type: string, key: Key): Promise<Told> {
      const keyHash = hashKey(key);
      return until(`${handler} tells "${type}" of ${String(key)}`, async () => {
        const events = (await this.logged(handler)).map(({ event }) => event as Told | undefined);
        return events.find((event) => event?.["type"] === type && event["keyHash"] === keyHash);
      });
    },

    /** A new IAM user with an access key, who may call the API unless told otherwise. */
    async newCaller(UserName: string, actions: readonly string[] = ["execute-api:Invoke"]): Promise<Caller> {
      const { User } = await iam.send(new CreateUserCommand({ UserName }));
      const policy = { Version: "2012-10-17", Statement: actions.map((Action) => ({ Effect: "Allow", Action, Resource: "*" })) };
      if (actions.length > 0)
        await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "granted", PolicyDocument: JSON.stringify(policy) }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
      const credentials = { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
      return { id: User?.UserId ?? "", credentials };
    },
  };
}

function apiIdOf(url: string): string {
  return /^https?:\/\/([^.]+)\./.exec(url)?.[1] ?? url;
}
