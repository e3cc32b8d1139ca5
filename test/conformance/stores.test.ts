import { afterAll, describe, inject, it } from "vitest";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { cached } from "../../src/cache/cached.ts";
import type { Store } from "../../src/core/store.ts";
import { dynamodbStore } from "../../src/dynamodb/index.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { clientOf, freshTable } from "../support/table.ts";
import { startEmbedded } from "../engines/embedded.ts";
import { storeConformance } from "../../src/testing/index.ts";

const dynalite = await startEmbedded();
afterAll(() => dynalite.stop());
const local = inject("dynamodbLocal");

/** A store on a fresh table of an engine. */
function on(client: DynamoDBClient, via: DynamoDBClient | DynamoDBDocumentClient = client): () => Promise<Store> {
  return async () => dynamodbStore({ client: via, tableName: await freshTable(client) });
}

// What an engine is like that does not show the item which refused a write.
function withoutOldItems(endpoint: string): DynamoDBClient {
  const client = clientOf(endpoint);
  client.middlewareStack.add(
    (next) => (args) => next({ ...args, input: { ...args.input, ReturnValuesOnConditionCheckFailure: undefined } as typeof args.input }),
    { step: "initialize" },
  );
  return client;
}

describe("memory", () => {
  storeConformance({ make: async () => memoryStore(), test: it });
});

describe("dynalite", () => {
  storeConformance({ make: on(clientOf(dynalite.endpoint)), test: it });
});

describe("the cache over memory", () => {
  storeConformance({ make: async () => cached(memoryStore()), test: it });
});

describe("the cache over dynalite", () => {
  const make = on(clientOf(dynalite.endpoint));
  storeConformance({ make: async () => cached(await make()), test: it });
});

describe.skipIf(local === "")("the cache over DynamoDB Local", () => {
  const make = on(clientOf(local));
  storeConformance({ make: async () => cached(await make()), test: it });
});

describe("dynalite, without old items", () => {
  storeConformance({ make: on(withoutOldItems(dynalite.endpoint)), test: it, lacks: ["record-of-refusal"] });
});

describe.skipIf(local === "")("DynamoDB Local", () => {
  storeConformance({ make: on(clientOf(local)), test: it });
});

describe.skipIf(local === "")("DynamoDB Local, every result beside its record", () => {
  const client = clientOf(local);
  const make = async () => dynamodbStore({ client, tableName: await freshTable(client), inlineLimitBytes: 0 });
  storeConformance({ make, test: it });
});

describe.skipIf(local === "")("DynamoDB Local, through a document client", () => {
  const client = clientOf(local);
  storeConformance({ make: on(client, DynamoDBDocumentClient.from(client)), test: it });
});
