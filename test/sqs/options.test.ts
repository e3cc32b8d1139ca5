// Options of a batch handler: checked when it is made, with the same defaults as everywhere but for retention.
import { afterEach, describe, expect, it, vi } from "vitest";
import { fingerprintOf } from "../../src/core/fingerprint.ts";
import { sha256 } from "../../src/core/key.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { idempotentSqs, messageKey, type SqsOptions } from "../../src/sqs/index.ts";
import { expiryAfter } from "../../src/core/lease.ts";
import { memoryBench } from "../support/bench.ts";
import { consumerOn, contextOf, keyed, type Options } from "./consumer.ts";

const store = memoryStore();
const good: SqsOptions = { store, operation: "charge" };
const make = (options: unknown) => () => idempotentSqs(() => {}, options as SqsOptions);
const day = 86_400;

afterEach(() => vi.unstubAllEnvs());

describe("a wrong option is CONFIG_INVALID when the handler is made, with its path", () => {
  it.for<[path: string, options: unknown]>([
    ["options", undefined],
    ["options", null],
    ["options", "charge"],
    ["store", { operation: "charge" }],
    ["store.claim", { ...good, store: {} }],
    ["operation", { store }],
    ["operation", { ...good, operation: "two words" }],
    ["key", { ...good, key: "orderId" }],
    ["fingerprint", { ...good, fingerprint: true }],
    ["onMissingKey", { ...good, onMissingKey: "skip" }],
    ["leaseMs", { ...good, leaseMs: 5 }],
    ["onLeaseExpired", { ...good, onLeaseExpired: "keep" }],
    ["onError", { ...good, onError: "drop" }],
    ["onStoreUnavailable", { ...good, onStoreUnavailable: "wait" }],
    ["onEvent", { ...good, onEvent: {} }],
    ["enabled", { ...good, enabled: "no" }],
    ...[0, -1, 1.5, "60", Number.NaN, Infinity].map(
      (retentionSeconds) => ["retentionSeconds", { ...good, retentionSeconds }] as [string, unknown],
    ),
    ["retentionSeconds", { ...good, retentionSeconds: 60, leaseMs: 61_000 }],
    ...[0, -1, 1.5, "2", Number.NaN, Infinity, null].map((concurrency) => ["concurrency", { ...good, concurrency }] as [string, unknown]),
    ...[null, {}, "zod", () => {}, { "~standard": null }].map((schema) => ["schema", { ...good, schema }] as [string, unknown]),
    ["schema", { ...good, schema: { "~standard": { version: 2, vendor: "x", validate() {} } } }],
    ["schema", { ...good, schema: { "~standard": { version: 1, vendor: "x" } } }],
    ["sqs", { ...good, sqs: "client" }],
    ["sqs", { ...good, sqs: null }],
    ["sqs.send", { ...good, sqs: {} }],
    // What other wrappers have, and a message has no use for.
    ["onInProgress", { ...good, onInProgress: "throw" }],
    ["codec", { ...good, codec: undefined }],
    ["onReplay", { ...good, onReplay: () => {} }],
    ["visibility", { ...good, visibility: 5 }],
  ])("%s: %o", ([path, options]) => {
    expect(make(options)).toThrow(expect.objectContaining({ name: "IdempotencyError", code: "CONFIG_INVALID", path }));
  });

  it.for([undefined, null, {}, "handler"])("a handler that is %j", (handler) => {
    const refusal = expect.objectContaining({ code: "CONFIG_INVALID", path: "recordHandler" }) as Error;
    expect(() => idempotentSqs(handler as never, good)).toThrow(refusal);
  });

  it("whatever is undefined is as left out", () => {
    const names = [
      "key",
      "fingerprint",
      "onMissingKey",
      "retentionSeconds",
      "leaseMs",
      "onLeaseExpired",
      "onError",
      "onStoreUnavailable",
      "onEvent",
      "enabled",
      "schema",
      "concurrency",
      "sqs",
    ];
    expect(make({ ...good, ...Object.fromEntries(names.map((name) => [name, undefined])) })).not.toThrow();
  });

  it("are read once: what is changed afterwards changes nothing", async () => {
    const bench = await memoryBench.open();
    const options: SqsOptions = { store: bench.store, operation: "charge", onError: "keep" };
    const handler = idempotentSqs(() => {}, options);
    options.operation = "another";
    await handler({ Records: [{ messageId: "1", body: "x" } as never] }, contextOf());
    expect(bench.faults.log).toEqual(["claim", "settle"]);
  });
});

describe("retention", () => {
  it.for<{ name: string; env?: string; retentionSeconds?: number; seconds: number }>([
    { name: "19 days where nothing tells", seconds: 19 * day },
    { name: "the environment's", env: "3600", seconds: 3600 },
    { name: "19 days where that is empty", env: "", seconds: 19 * day },
    { name: "the option before it", env: "3600", retentionSeconds: 7200, seconds: 7200 },
  ])("is $name", async ({ env, retentionSeconds, seconds }) => {
    vi.stubEnv("IDEMPOTENCY_RETENTION_SECONDS", env);
    const bench = await memoryBench.open();
    const consumer = consumerOn(bench, undefined, { retentionSeconds });
    await consumer.deliver([keyed("order-1")]);
    expect((await consumer.record("order-1"))?.expiresAt).toBe(expiryAfter(bench.clock.now(), seconds));
  });

  it("of an environment that has none in it is refused", () => {
    vi.stubEnv("IDEMPOTENCY_RETENTION_SECONDS", "a day");
    expect(make(good)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", path: "env.IDEMPOTENCY_RETENTION_SECONDS" }));
  });

  it("keeps duplicates away for that long, and no longer", async () => {
    const bench = await memoryBench.open();
    const consumer = consumerOn(bench);
    for (const ms of [0, 19 * day * 1000 - 1000, 1000]) {
      await bench.clock.advance(ms);
      await consumer.deliver([keyed("order-1")]);
    }
    expect(consumer.types()).toEqual(["claimed", "completed", "replayed", "taken_over", "completed"]);
  });
});

describe("what a record has of its message", () => {
  const body = fingerprintOf(sha256("the body"));
  const key = ({ messageId }: { messageId: string }) => messageId;
  const notification = (MessageAttributes: object) =>
    JSON.stringify({ Type: "Notification", TopicArn: "arn", MessageId: "sns-1", Message: "the body", MessageAttributes });
  it.for<{
    name: string;
    options?: Options;
    attributes?: Record<string, string>;
    sent?: string;
    id: string;
    fingerprint: string | undefined;
  }>([
    { name: "by its messageId: no fingerprint", id: "m-1", fingerprint: undefined },
    { name: "by a producer's key: the body", attributes: { "idempotency-key": "k-1" }, id: "k-1", fingerprint: body },
    { name: "by a key of one's own: the body", options: { key }, id: "m-1", fingerprint: body },
    { name: "a fingerprint of one's own", options: { fingerprint: () => 5 }, id: "m-1", fingerprint: fingerprintOf(5) },
    {
      name: "a fingerprint of one's own that says undefined",
      options: { key, fingerprint: () => undefined },
      id: "m-1",
      fingerprint: undefined,
    },
    { name: "by a notification's id: no fingerprint", sent: notification({}), id: "sns-1", fingerprint: undefined },
    {
      name: "by a notification's key of its producer: the message in it, which raw delivery makes the body",
      sent: notification({ "idempotency-key": { Type: "String", Value: "k-1" } }),
      id: "k-1",
      fingerprint: body,
    },
    { name: "by the default key, said aloud: as without it", options: { key: messageKey }, id: "m-1", fingerprint: undefined },
  ])("$name", async ({ options, attributes, sent = "the body", id, fingerprint }) => {
    const consumer = consumerOn(await memoryBench.open(), undefined, options);
    await consumer.deliver([{ body: sent, messageId: "m-1", messageAttributes: attributes }]);
    const record = await consumer.record(id);
    expect(record).toMatchObject({ status: "completed", encoding: "void", messageId: "m-1", requestId: "request-1" });
    expect(record?.fingerprint).toBe(fingerprint);
  });

  it("the lease is what is left of the invocation when its turn comes", async () => {
    const bench = await memoryBench.open();
    let leftMs = 30_000;
    const leases: unknown[] = [];
    const consumer = consumerOn(
      bench,
      async ({ body }) => {
        leases.push(((await consumer.record(body))?.leaseUntil ?? 0) - bench.clock.now());
        leftMs -= 10_000;
      },
      { concurrency: 1 },
    );
    await consumer.deliver(
      [keyed("a"), keyed("b")],
      contextOf(() => leftMs),
    );
    expect(leases).toEqual([30_000, 20_000]);
  });
});
