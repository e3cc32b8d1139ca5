// What each path asks of DynamoDB: its requests, and its write units as DynamoDB Local counts them.
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { idempotent } from "../../src/index.ts";
import { dynamodbStore } from "../../src/dynamodb/index.ts";
import { clientOf, freshTable } from "../support/table.ts";

interface Bill {
  readonly requests: string[];
  writeUnits: number;
}

/** Counts what a client sends, each try, and what it is billed. */
function meter(client: DynamoDBClient): Bill {
  const bill: Bill = { requests: [], writeUnits: 0 };
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        bill.requests.push(commandName ?? "");
        const answer = await next(args);
        bill.writeUnits += (answer.output as { ConsumedCapacity?: { CapacityUnits?: number } }).ConsumedCapacity?.CapacityUnits ?? 0;
        return answer;
      },
    { step: "finalizeRequest", priority: "low" },
  );
  client.middlewareStack.add(
    (next) => (args) => next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } as typeof args.input }),
    { step: "initialize" },
  );
  return bill;
}

const endpoint = inject("dynamodbLocal");

describe.skipIf(endpoint === "")("on DynamoDB Local", () => {
  let tableName: string;
  beforeAll(async () => {
    tableName = await freshTable(clientOf(endpoint));
  });

  it("a fresh key costs one PutItem and one UpdateItem, 2 write units with a result of 0.5 KB", async () => {
    const client = clientOf(endpoint);
    const bill = meter(client);
    // The longest operation, a fingerprint and a request id: as large as a record gets beside its result.
    const deliver = idempotent((event: string, _context: object) => event.padEnd(510, "x"), {
      store: dynamodbStore({ client, tableName }),
      operation: "o".repeat(64),
      key: (event) => event,
      fingerprint: (event) => event,
    });
    const context = { awsRequestId: crypto.randomUUID(), getRemainingTimeInMillis: () => 30_000 };
    expect(JSON.stringify(await deliver("a", context))).toHaveLength(512);
    expect(bill).toEqual({ requests: ["PutItemCommand", "UpdateItemCommand"], writeUnits: 2 });
  });

  it("a replay costs one refused PutItem", async () => {
    const client = clientOf(endpoint);
    const deliver = idempotent((event: string) => event, {
      store: dynamodbStore({ client, tableName }),
      operation: "replay",
      key: (event) => event,
    });
    await deliver("b");
    const bill = meter(client);
    expect(await deliver("b")).toBe("b");
    expect(bill.requests).toEqual(["PutItemCommand"]);
  });

  it.for([
    { name: "in progress", run: "busy" },
    { name: "mismatch", run: "other" },
  ])("a duplicate that is refused ($name) costs one refused PutItem", async ({ run }) => {
    const client = clientOf(endpoint);
    const options = {
      store: dynamodbStore({ client, tableName }),
      operation: run,
      key: () => run,
      fingerprint: (payload: string) => payload,
    };
    let bill: Bill | undefined;
    const deliver = idempotent(async (payload: string) => {
      bill ??= meter(client);
      return payload;
    }, options);
    const outer = idempotent(async (payload: string) => {
      bill = meter(client);
      await expect(deliver(run === "busy" ? payload : "another")).rejects.toMatchObject({
        code: run === "busy" ? "IN_PROGRESS" : "KEY_REUSED",
      });
      expect(bill.requests).toEqual(["PutItemCommand"]);
    }, options);
    await outer("payload");
  });

  it("a takeover costs a refused and an applied PutItem", async () => {
    const client = clientOf(endpoint);
    let fail = true;
    const deliver = idempotent(
      (_: string) => {
        if (fail) throw new Error("down");
      },
      { store: dynamodbStore({ client, tableName }), operation: "takeover", key: (event) => event },
    );
    await expect(deliver("c")).rejects.toThrow("down");
    fail = false;
    const bill = meter(client);
    await deliver("c");
    expect(bill.requests).toEqual(["PutItemCommand", "PutItemCommand", "UpdateItemCommand"]);
  });

  it("a refused key, a wrong event and a missing key cost nothing", async () => {
    const client = clientOf(endpoint);
    const bill = meter(client);
    const deliver = idempotent((event: { id?: unknown }) => event, {
      store: dynamodbStore({ client, tableName }),
      operation: "refused",
      key: (event) => event.id as string,
    });
    for (const id of [undefined, null, "", Number.NaN, [], ["a", undefined], {}, Infinity, "x".repeat(1025)])
      await expect(deliver({ id })).rejects.toThrow();
    expect(bill.requests).toEqual([]);
  });
});
