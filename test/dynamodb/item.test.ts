import { describe, expect, it } from "vitest";
import type { StoredRecord } from "../../src/core/record.ts";
import { fromItem, type Item, itemKey, toAttributes, toItem } from "../../src/dynamodb/item.ts";

const id = { operation: "charge", keyHash: "hash" };

const running: StoredRecord = {
  id,
  version: 1,
  status: "in_progress",
  owner: "owner-1",
  attempt: 2,
  startedAt: 1_767_225_600_000,
  leaseUntil: 1_767_225_610_000,
  expiresAt: 1_767_229_210,
};
const full: StoredRecord = {
  ...running,
  status: "completed",
  fingerprint: "1:print",
  encoding: "json",
  result: '{"a":1}',
  chunks: 3,
  completedAt: 1_767_225_605_000,
  requestId: "request-1",
  messageId: "message-1",
  error: { name: "Error", message: "no", statusCode: 410, code: "GONE" },
};

const runningItem: Item = {
  pk: { S: "charge#hash" },
  sk: { S: "claim" },
  v: { N: "1" },
  status: { S: "in_progress" },
  owner: { S: "owner-1" },
  attempt: { N: "2" },
  startedAt: { N: "1767225600000" },
  leaseUntil: { N: "1767225610000" },
  expiresAt: { N: "1767229210" },
};

describe("a record as an item", () => {
  it("has the table's attributes, and leaves out what is undefined", () => {
    expect(toItem(running)).toEqual(runningItem);
    expect(toItem({ ...running, fingerprint: undefined, error: undefined })).toEqual(runningItem);
  });

  it("has them all", () => {
    expect(toItem(full)).toEqual({
      ...runningItem,
      status: { S: "completed" },
      fingerprint: { S: "1:print" },
      encoding: { S: "json" },
      result: { S: '{"a":1}' },
      chunks: { N: "3" },
      completedAt: { N: "1767225605000" },
      requestId: { S: "request-1" },
      messageId: { S: "message-1" },
      error: { M: { name: { S: "Error" }, message: { S: "no" }, statusCode: { N: "410" }, code: { S: "GONE" } } },
    });
  });

  it("has an attribute for each member given, and no key where none is asked for", () => {
    expect(toAttributes({ status: "released" })).toEqual({ status: { S: "released" } });
    expect(toAttributes({})).toEqual({});
    expect(itemKey(id)).toEqual({ pk: { S: "charge#hash" }, sk: { S: "claim" } });
  });

  it.for<{ name: string; members: Partial<StoredRecord> }>([
    { name: "the least", members: {} },
    { name: "everything", members: full },
    ...(["in_progress", "completed", "failed", "held", "released"] as const).map((status) => ({ name: status, members: { status } })),
    { name: "a compressed result", members: { encoding: "json+br", result: Uint8Array.of(0, 255, 1) } },
    { name: "an empty result", members: { encoding: "own", result: "" } },
    { name: "a result beyond ASCII", members: { result: '"é\u{1F600}\\u0000"' } },
    { name: "a result in children", members: { chunks: 17 } },
    { name: "an error's name alone", members: { error: { name: "TypeError" } } },
    { name: "an empty message", members: { error: { name: "Error", message: "" } } },
    { name: "a code that is a number", members: { error: { name: "Error", code: 7 } } },
    { name: "a code 0 and a statusCode 0", members: { error: { name: "Error", code: 0, statusCode: 0 } } },
    { name: "a code that is text made of digits", members: { error: { name: "Error", code: "7" } } },
    { name: "a code that is a fraction below 0", members: { error: { name: "Error", code: -0.5 } } },
    { name: "moments with a fraction", members: { leaseUntil: 1_767_225_610_000.25 } },
  ])("comes back as it was: $name", ({ members }) => {
    const record = { ...running, ...members };
    expect(fromItem(id, toItem(record))).toEqual(record);
  });

  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html, "Number"
  it.for([
    { number: 9e125, kept: true },
    { number: -1e-130, kept: true },
    { number: -1e126, kept: false },
    { number: Number.MAX_VALUE, kept: false },
    { number: 1e-131, kept: false },
  ])("holds no number that DynamoDB refuses: an error's code and statusCode $number, kept: $kept", ({ number, kept }) => {
    const error = { name: "Error", message: "no", code: number, statusCode: number };
    const shown = fromItem(id, toItem({ ...running, error })).error;
    expect(shown).toEqual(kept ? error : { name: "Error", message: "no" });
  });
});

describe("an item that is no record of ours", () => {
  it.for<{ name: string; item: Item }>([
    { name: "nothing but its key", item: { pk: { S: "charge#hash" }, sk: { S: "claim" } } },
    { name: "another program's", item: { ...runningItem, v: { S: "1" } } },
    { name: "no version", item: { ...runningItem, v: undefined as never } },
    { name: "no status", item: { ...runningItem, status: undefined as never } },
    { name: "an unknown status", item: { ...runningItem, status: { S: "COMPLETED" } } },
    { name: "no owner", item: { ...runningItem, owner: undefined as never } },
    { name: "an owner that is a number", item: { ...runningItem, owner: { N: "1" } } },
    { name: "no attempt", item: { ...runningItem, attempt: undefined as never } },
    { name: "no lease", item: { ...runningItem, leaseUntil: undefined as never } },
    { name: "a lease that is text", item: { ...runningItem, leaseUntil: { S: "1767225610000" } } },
    { name: "no expiry", item: { ...runningItem, expiresAt: undefined as never } },
  ])("is refused as a matter of configuration: $name", ({ item }) => {
    expect(() => fromItem(id, item)).toThrow(
      expect.objectContaining({
        name: "StoreFailure",
        kind: "misconfigured",
        maybeApplied: false,
        message: expect.stringContaining("charge#hash") as string,
      }),
    );
  });

  it("may have more attributes than ours", () => {
    expect(fromItem(id, { ...runningItem, team: { S: "payments" }, steps: { M: {} } })).toEqual(running);
  });
});

describe("an item of a newer format", () => {
  it.for<{ name: string; item: Item }>([
    { name: "like ours", item: { ...runningItem, v: { N: "2" } } },
    { name: "with a status that we do not know", item: { ...runningItem, v: { N: "2" }, status: { S: "paused" } } },
    { name: "with nothing that we know", item: { v: { N: "17" }, state: { M: {} } } },
    {
      name: "with members of other types",
      item: { ...runningItem, v: { N: "2" }, owner: { M: {} }, attempt: { S: "one" }, error: { S: "no" }, result: { L: [] } },
    },
  ])("is read for its version: $name", ({ item }) => {
    expect(fromItem(id, item)).toMatchObject({ id, version: Number(item["v"]?.N) });
  });
});
