// What duplicates ask of DynamoDB with the cache in front: nothing, once their record is known here.
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { cached } from "../../src/cache/cached.ts";
import { dynamodbStore } from "../../src/dynamodb/index.ts";
import { idempotent, ReplayedError } from "../../src/index.ts";
import { clientOf, freshTable } from "../support/table.ts";
import { noise } from "../../src/testing/random.ts";

const endpoint = inject("dynamodbLocal");

/** Names the commands that a client sends, each try. */
function watch(client: DynamoDBClient): string[] {
  const sent: string[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        sent.push(commandName ?? "");
        return next(args);
      },
    { step: "finalizeRequest", priority: "low" },
  );
  return sent;
}

const put = "PutItemCommand";
const update = "UpdateItemCommand";
const getAll = "BatchGetItemCommand";
/** How each result is kept: inline, compressed, in items of its own, or not at all. */
const results = [
  { name: "a small one", result: { ok: true }, fresh: [put, update], first: [put] },
  { name: "undefined", result: undefined, fresh: [put, update], first: [put] },
  { name: "null", result: null, fresh: [put, update], first: [put] },
  { name: "one that is compressed", result: "é💥".repeat(1000), fresh: [put, update], first: [put] },
  { name: "one in an item beside its record", result: noise(20_000), fresh: [put, put, update], first: [put, getAll] },
  { name: "one in two items", result: noise(1_000_000), fresh: [put, put, put, update], first: [put, getAll] },
];

describe.skipIf(endpoint === "")("requests to DynamoDB Local", () => {
  let tableName: string;
  beforeAll(async () => {
    tableName = await freshTable(clientOf(endpoint));
  });

  /** A fresh execution environment: client, store and cache of its own, on the one table. */
  function coldStart<R>(operation: string, work: (key: string) => R, onError: "release" | "keep" | "hold" = "release") {
    const client = clientOf(endpoint);
    const sent = watch(client);
    const deliver = idempotent((event: { key: string; amount?: number }) => work(event.key), {
      store: cached(dynamodbStore({ client, tableName })),
      operation,
      key: ({ key }) => key,
      fingerprint: (event) => event,
      onError,
    });
    return {
      /** A delivery's answer, or its error's code, and the requests that it took. */
      async deliver(key: string, amount?: number): Promise<{ answer: unknown; requests: string[] }> {
        sent.length = 0;
        const answer = await deliver({ key, ...(amount === undefined ? {} : { amount }) }).catch((error: Error & { code?: unknown }) =>
          error instanceof ReplayedError ? "replayed" : (error.code ?? error.message),
        );
        return { answer, requests: [...sent] };
      },
    };
  }

  it.for(results)("$name: a duplicate of what ran here takes none", async ({ name, result, fresh }) => {
    const here = coldStart("ran-here", () => result);
    expect(await here.deliver(name)).toEqual({ answer: result, requests: fresh });
    expect(await here.deliver(name)).toEqual({ answer: result, requests: [] });
    expect(await here.deliver(name)).toEqual({ answer: result, requests: [] });
  });

  it.for(results)(
    "$name: after a cold start the first duplicate is a replay as ever, the second takes none",
    async ({ name, result, first }) => {
      await coldStart("cold", () => result).deliver(name);
      const here = coldStart<unknown>("cold", () => "must not run");
      expect(await here.deliver(name)).toEqual({ answer: result, requests: first });
      expect(await here.deliver(name)).toEqual({ answer: result, requests: [] });
    },
  );

  it("a result that is too large to keep is not kept here either", async () => {
    const here = coldStart("too-large", () => noise(9_000_000));
    expect((await here.deliver("a")).requests).toEqual([put, update]);
    expect(await here.deliver("a")).toEqual({ answer: "RESULT_UNAVAILABLE", requests: [] });
    expect((await coldStart("too-large", () => "must not run").deliver("a")).answer).toBe("RESULT_UNAVAILABLE");
  });

  it("another payload under the same key is refused without one", async () => {
    const here = coldStart("mismatch", () => "done");
    await here.deliver("a", 5);
    expect(await here.deliver("a", 6)).toEqual({ answer: "KEY_REUSED", requests: [] });
    expect(await here.deliver("a", 5)).toEqual({ answer: "done", requests: [] });
  });

  it.for([
    { onError: "release", again: { answer: "down", requests: [put, put, update] } },
    { onError: "keep", again: { answer: "replayed", requests: [put] } },
    { onError: "hold", again: { answer: "OUTCOME_UNKNOWN", requests: [put, "GetItemCommand"] } },
  ] as const)("what did not complete is asked for each time ($onError)", async ({ onError, again }) => {
    const fail = (): never => {
      throw new Error("down");
    };
    const here = coldStart(onError, fail, onError);
    expect(await here.deliver("a")).toEqual({ answer: "down", requests: [put, update] });
    for (let i = 0; i < 2; i++) expect(await here.deliver("a")).toEqual(again);
  });

  it("20 duplicates at once of what is known take none", async () => {
    const here = coldStart("at-once", (key) => key);
    await here.deliver("a");
    const answers = await Promise.all(Array.from({ length: 20 }, () => here.deliver("a")));
    expect(answers).toEqual(Array.from({ length: 20 }, () => ({ answer: "a", requests: [] })));
  });
});
