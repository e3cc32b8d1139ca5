import { Readable } from "node:stream";
import { ConditionalCheckFailedException, DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { expiryAfter } from "../../src/core/lease.ts";
import { claimedRecord, type ClaimRef, type Outcome, type Store } from "../../src/core/store.ts";
import { dynamodbStore, type DynamodbStoreOptions } from "../../src/dynamodb/index.ts";
import { itemKey, toItem } from "../../src/dynamodb/item.ts";

const variable = "IDEMPOTENCY_TABLE";
const start = Date.UTC(2026, 0, 1);
const claim: ClaimRef = {
  id: { operation: "charge", keyHash: "hash" },
  keyParts: "order-1",
  owner: "me",
  attempt: 1,
  startedAt: start,
  leaseUntil: start + 10_000,
  expiresAt: expiryAfter(start + 10_000, 3600),
  retentionSeconds: 3600,
};
const theirs = claimedRecord({ ...claim, owner: "other" }, 3);
const completed: Outcome = {
  status: "completed",
  encoding: "json",
  text: '"done"',
  completedAt: start,
  expiresAt: expiryAfter(start, 3600),
  write: "update",
};

const config = { region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
const clients = [
  { name: "a plain client", make: (more: DynamoDBClientConfig = {}): DynamoDBClient => new DynamoDBClient({ ...config, ...more }) },
  {
    name: "a document client",
    make: (more: DynamoDBClientConfig = {}): DynamoDBDocumentClient =>
      DynamoDBDocumentClient.from(new DynamoDBClient({ ...config, ...more })),
  },
];

interface Sent {
  readonly name: string;
  readonly input: { readonly TableName?: string; readonly ConsistentRead?: boolean };
  readonly client: DynamoDBClient;
}

interface Stub {
  answer(answer: object | Error): void;
  sent(): Sent[];
}

/** What the mock intercepts: a client, or all of them. Its types are of an older SDK. */
function intercept(client: DynamoDBClient | DynamoDBDocumentClient | typeof DynamoDBClient): Stub {
  const mock = mockClient(client as never) as unknown as {
    onAnyCommand(): { resolves(answer: object): void; rejects(error: Error): void };
    calls(): { args: [{ constructor: { name: string }; input: Sent["input"] }]; thisValue: DynamoDBClient }[];
    restore(): void;
  };
  onTestFinished(() => mock.restore());
  mock.onAnyCommand().resolves({});
  return {
    answer: (answer) => (answer instanceof Error ? mock.onAnyCommand().rejects(answer) : mock.onAnyCommand().resolves(answer)),
    sent: () =>
      mock.calls().map(({ args: [command], thisValue }) => ({ name: command.constructor.name, input: command.input, client: thisValue })),
  };
}

function refusedWith(record = theirs): ConditionalCheckFailedException {
  return new ConditionalCheckFailedException({
    message: "The conditional request failed",
    $metadata: { httpStatusCode: 400, attempts: 1 },
    Item: toItem(record),
  });
}

const calls: { name: string; call: (store: Store) => Promise<unknown>; command: string }[] = [
  { name: "claim", call: (store) => store.claim(claim), command: "PutItemCommand" },
  { name: "takeOver", call: (store) => store.takeOver(theirs, claim), command: "PutItemCommand" },
  { name: "settle", call: (store) => store.settle(claim, completed), command: "UpdateItemCommand" },
  { name: "settle by a put", call: (store) => store.settle(claim, { ...completed, write: "put" }), command: "PutItemCommand" },
  { name: "extend", call: (store) => store.extend(claim, claim.leaseUntil + 1000), command: "UpdateItemCommand" },
  { name: "release", call: (store) => store.release(theirs), command: "UpdateItemCommand" },
  { name: "read", call: (store) => store.read(claim.id), command: "GetItemCommand" },
];
const writes = calls.filter(({ name }) => name !== "read");

describe.each(clients)("through $name", ({ make }) => {
  function storeOver(): { store: Store; stub: Stub } {
    const client = make();
    return { stub: intercept(client), store: dynamodbStore({ client, tableName: "orders" }) };
  }

  it.for(calls)("$name is one $command on the table", async ({ call, command }) => {
    const { store, stub } = storeOver();
    await call(store);
    expect(stub.sent()).toMatchObject([{ name: command, input: { TableName: "orders" } }]);
  });

  it("reads are consistent", async () => {
    const { store, stub } = storeOver();
    stub.answer({ Item: toItem(theirs) });
    expect(await store.read(claim.id)).toEqual(theirs);
    expect(stub.sent()).toMatchObject([{ input: { ConsistentRead: true } }]);
  });

  it("reads of the items beside a record, too, in one request", async () => {
    const { store, stub } = storeOver();
    stub.answer({ Responses: { orders: [0, 1].map((n) => ({ pk: { S: `charge#hash#them#${n}` }, result: { B: Buffer.from(`${n}`) } })) } });
    const record = { ...theirs, owner: "them", id: { operation: "charge", keyHash: "hash" }, encoding: "json", chunks: 2 };
    expect(await store.result(record)).toBe("01");
    const Keys = [0, 1].map((n) => ({ pk: { S: `charge#hash#them#${n}` }, sk: { S: "result" } }));
    expect(stub.sent()).toMatchObject([
      { name: "BatchGetItemCommand", input: { RequestItems: { orders: { Keys, ConsistentRead: true } } } },
    ]);
  });

  it("a result in its record is no request", async () => {
    const { store, stub } = storeOver();
    expect(await store.result({ ...theirs, status: "completed", encoding: "json", result: '"done"' })).toBe('"done"');
    expect(stub.sent()).toEqual([]);
  });

  it.for(writes)("$name, refused, gives the record that refused it", async ({ call }) => {
    const { store, stub } = storeOver();
    stub.answer(refusedWith());
    expect(await call(store)).toEqual({ applied: false, record: theirs });
    expect(stub.sent()).toHaveLength(1);
  });

  it.for(writes)("$name is refused by another copy of the SDK likewise", async ({ call }) => {
    const { store, stub } = storeOver();
    const { Item, message } = refusedWith();
    stub.answer(Object.assign(new Error(message), { name: "ConditionalCheckFailedException", Item }));
    expect(await call(store)).toEqual({ applied: false, record: theirs });
  });

  it.for(calls)("$name, failed, is a StoreFailure that names table and action", async ({ call, command }) => {
    const { store, stub } = storeOver();
    stub.answer(Object.assign(new Error("slow down"), { name: "ThrottlingException", $metadata: { httpStatusCode: 400, attempts: 1 } }));
    await expect(call(store)).rejects.toMatchObject({
      name: "StoreFailure",
      kind: "throttled",
      message: expect.stringMatching(new RegExp(`${command.replace("Command", "")}.*"orders"`)) as string,
    });
  });
});

describe.each(clients)("on the wire, through $name", ({ make }) => {
  /** A store whose requests are answered here. */
  function answering(statusCode: number, body: object): { store: Store; sent: { target: string | undefined; body: unknown }[] } {
    const sent: { target: string | undefined; body: unknown }[] = [];
    const requestHandler = {
      handle: async (request: { headers: Record<string, string>; body: Uint8Array }) => {
        sent.push({ target: request.headers["x-amz-target"], body: JSON.parse(new TextDecoder().decode(request.body)) });
        return {
          response: { statusCode, headers: { "content-type": "application/x-amz-json-1.0" }, body: Readable.from([JSON.stringify(body)]) },
        };
      },
    };
    return { store: dynamodbStore({ client: make({ requestHandler: requestHandler as never }), tableName: "orders" }), sent };
  }

  it("a claim is one PutItem, its item as it is written", async () => {
    const { store, sent } = answering(200, {});
    expect(await store.claim(claim)).toEqual({ applied: true });
    expect(sent).toEqual([
      {
        target: "DynamoDB_20120810.PutItem",
        body: {
          TableName: "orders",
          Item: toItem(claimedRecord(claim, 1)),
          ConditionExpression: "attribute_not_exists(pk)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
      },
    ]);
  });

  it("a refusal's item comes back as a record", async () => {
    const { store } = answering(400, {
      __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
      message: "The conditional request failed",
      Item: toItem(theirs),
    });
    expect(await store.claim(claim)).toEqual({ applied: false, record: theirs });
  });

  it("a read is one consistent GetItem, and its item comes back as a record", async () => {
    const { store, sent } = answering(200, { Item: toItem(theirs) });
    expect(await store.read(claim.id)).toEqual(theirs);
    expect(sent).toEqual([
      { target: "DynamoDB_20120810.GetItem", body: { TableName: "orders", Key: itemKey(claim.id), ConsistentRead: true } },
    ]);
  });

  it.for([
    { type: "ResourceNotFoundException", statusCode: 400, kind: "misconfigured" },
    { type: "TransactionConflictException", statusCode: 400, kind: "conflict" },
  ])("$type is $kind after one try", async ({ type, statusCode, kind }) => {
    const { store, sent } = answering(statusCode, { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: "why" });
    await expect(store.claim(claim)).rejects.toMatchObject({ kind, maybeApplied: false });
    expect(sent).toHaveLength(1);
  });
});

describe("the table's name", () => {
  const client = new DynamoDBClient(config);

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.for<{ name: string; env: string | undefined; options: DynamodbStoreOptions; table: string }>([
    { name: "the option", env: undefined, options: { tableName: "orders" }, table: "orders" },
    { name: "the environment", env: "from-env", options: {}, table: "from-env" },
    { name: "the environment where the option is undefined", env: "from-env", options: { tableName: undefined }, table: "from-env" },
    { name: "the option before the environment", env: "from-env", options: { tableName: "orders" }, table: "orders" },
  ])("is $name", async ({ env, options, table }) => {
    vi.stubEnv(variable, env);
    const stub = intercept(client);
    await dynamodbStore({ client, ...options }).read(claim.id);
    expect(stub.sent()).toMatchObject([{ input: { TableName: table } }]);
  });

  it.for<{ name: string; env: string | undefined; options: unknown; path: string; named: string }>([
    { name: "no name at all", env: undefined, options: undefined, path: "tableName", named: variable },
    { name: "no name beside a client", env: undefined, options: { client }, path: "tableName", named: variable },
    { name: "an empty variable", env: "", options: {}, path: "tableName", named: variable },
    ...[-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "512", null].flatMap((value) =>
      ["compressAboveBytes", "inlineLimitBytes"].map((path) => ({
        name: `${path}: ${String(value)}`,
        env: "from-env",
        options: { [path]: value } as object,
        path,
        named: "whole number from 0",
      })),
    ),
    {
      name: "an inline limit that no item has room for",
      env: "from-env",
      options: { inlineLimitBytes: 401_409 },
      path: "inlineLimitBytes",
      named: "401408",
    },
    { name: "an empty name", env: "from-env", options: { tableName: "" }, path: "tableName", named: variable },
    { name: "a name that is no text", env: "from-env", options: { tableName: 5 }, path: "tableName", named: variable },
    { name: "a name that DynamoDB would refuse", env: "from-env", options: { tableName: "no good!" }, path: "tableName", named: variable },
    { name: "an unknown option", env: "from-env", options: { table: "orders" }, path: "table", named: "tableName" },
    { name: "options that are none", env: "from-env", options: "orders", path: "options", named: "options" },
    { name: "a client that is none", env: "from-env", options: { client: {} }, path: "client", named: "DynamoDBClient" },
    { name: "a client null", env: "from-env", options: { client: null }, path: "client", named: "DynamoDBClient" },
  ])("$name is CONFIG_INVALID, and the message names the way out", ({ env, options, path, named }) => {
    vi.stubEnv(variable, env);
    expect(() => dynamodbStore(options as DynamodbStoreOptions)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", path, message: expect.stringContaining(named) as string }),
    );
  });
});

describe("switched off from outside, as for local runs", () => {
  it("no table need be named", () => {
    vi.stubEnv(variable, undefined);
    vi.stubEnv("IDEMPOTENCY_DISABLED", "true");
    expect(() => dynamodbStore()).not.toThrow();
  });
});

describe("the default client", () => {
  it("gives up early: connect within 1 s, answer within 1 s, at most 3 tries", async () => {
    const stub = intercept(DynamoDBClient);
    await dynamodbStore({ tableName: "orders" }).read(claim.id);
    const [sent] = stub.sent();
    expect(await sent?.client.config.maxAttempts()).toBe(3);
    const handler = sent?.client.config.requestHandler as unknown as { configProvider: Promise<object> };
    expect(await handler.configProvider).toMatchObject({
      connectionTimeout: 1000,
      requestTimeout: 1000,
      socketTimeout: 1000,
      throwOnRequestTimeout: true,
    });
  });

  it("is one per store", async () => {
    const stub = intercept(DynamoDBClient);
    const store = dynamodbStore({ tableName: "orders" });
    await store.read(claim.id);
    await store.claim(claim);
    const [one, other] = stub.sent();
    expect(one?.client).toBe(other?.client);
  });
});
