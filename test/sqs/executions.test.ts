// `currentExecution()` is there in the handler of each message, its own, and nowhere else; also under Middy.
import { describe, expect, it } from "vitest";
import { currentExecution, type Execution } from "../../src/index.ts";
import { hashKey } from "../../src/core/key.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { idempotentSqs, type LambdaContext, type SQSRecord } from "../../src/sqs/index.ts";
import { events } from "../../src/testing/index.ts";
import { seen } from "../middy/chains.ts";
import { majors } from "../middy/majors.ts";
import { memoryBench } from "../support/bench.ts";
import { consumerOn, contextOf, keyed, mockedSqs, silencedErrors } from "./consumer.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));
const none = "NO_EXECUTION";

describe("an execution", () => {
  it("is the message's own, before and after awaits, of messages side by side", async () => {
    const found: Record<string, unknown[]> = {};
    const consumer = consumerOn(await memoryBench.open(), async ({ body }) => {
      const executions = [currentExecution()];
      await turn();
      executions.push(currentExecution());
      found[body] = executions.map(({ keyHash, attempt, operation }) => [keyHash, attempt, operation]);
    });
    const keys = Array.from({ length: 20 }, (_, i) => `order-${i}`);
    await consumer.deliver(keys.map((key) => keyed(key)));
    expect(found).toEqual(Object.fromEntries(keys.map((key) => [key, [1, 2].map(() => [hashKey(key), 1, "charge"])])));
    expect(seen()).toBe(none);
  });

  it("gives the same derived key in each attempt, and has a lease to extend", async () => {
    const bench = await memoryBench.open();
    const derived: string[] = [];
    const consumer = consumerOn(bench, async () => {
      const execution = currentExecution();
      derived.push(execution.deriveKey("email"));
      await execution.extendLease(900_000);
      expect((await consumer.record("order-1"))?.leaseUntil).toBe(bench.clock.now() + 900_000);
      if (execution.attempt === 1) throw new Error("down");
    });
    await consumer.deliver([keyed("order-1")]);
    await consumer.deliver([keyed("order-1")]);
    expect(derived).toHaveLength(2);
    expect(new Set(derived).size).toBe(1);
    expect(consumer.types()).toEqual(["claimed", "released", "taken_over", "completed"]);
  });

  it.for<{ name: string; options: object; attempt: unknown }>([
    { name: "switched off: of attempt 0", options: { enabled: false }, attempt: 0 },
    { name: "without a key: there is none", options: { key: () => undefined, onMissingKey: "run" }, attempt: none },
  ])("$name", async ({ options, attempt }) => {
    let found: unknown;
    const consumer = consumerOn(
      await memoryBench.open(),
      () => {
        const execution = seen();
        found = typeof execution === "string" ? execution : execution.attempt;
      },
      options,
    );
    await consumer.deliver([keyed("order-1")]);
    expect(found).toBe(attempt);
  });

  it("is not that of an enclosing run", async () => {
    let inner: Execution | undefined;
    const [outerBench, innerBench] = [await memoryBench.open(), await memoryBench.open()];
    const consumer = consumerOn(innerBench, () => void (inner = currentExecution()));
    const outer = consumerOn(outerBench, async () => {
      await consumer.deliver([keyed("inner")]);
      expect(currentExecution().keyHash).toBe(hashKey("outer"));
    });
    await outer.deliver([keyed("outer")]);
    expect(inner?.keyHash).toBe(hashKey("inner"));
    expect(outer.types()).toContain("completed");
  });

  it("is not there in key, fingerprint, onError and onEvent, nor after the batch", async () => {
    const found: unknown[] = [];
    const look = () => void found.push(seen());
    const consumer = consumerOn(await memoryBench.open(), () => Promise.reject(new Error("down")), {
      key: ({ body }) => (look(), body),
      fingerprint: () => look(),
      onError: () => (look(), "release"),
      onEvent: look,
    });
    await consumer.deliver(["a", "b"]);
    look();
    expect(found.length).toBeGreaterThan(10);
    expect(new Set(found)).toEqual(new Set([none]));
  });
});

describe.for(majors)("as the base handler on $name", ({ middy }) => {
  function chainOn(work: (record: SQSRecord, context: LambdaContext) => unknown) {
    silencedErrors();
    const options = { store: memoryStore(), operation: "charge", sqs: mockedSqs().client };
    return middy(idempotentSqs(work, options));
  }

  it("answers with what failed, its messages run once, each with the context and its own execution", async () => {
    const ran: unknown[] = [];
    const handler = chainOn(async ({ body }, { awsRequestId }) => {
      await turn();
      ran.push([body, awsRequestId, currentExecution().keyHash]);
      if (body === "bad") throw new Error("down");
    });
    const event = events.sqs([keyed("good"), keyed("bad")]);
    const answer = { batchItemFailures: [{ itemIdentifier: event.Records[1]?.messageId }] };
    expect(await handler(event, contextOf())).toEqual(answer);
    expect(await handler(event, contextOf())).toEqual(answer);
    expect(ran).toEqual(["good", "bad", "bad"].map((body) => [body, "request-1", hashKey(body)]));
    expect(seen()).toBe(none);
  });

  it("hooks around it change nothing, and have no execution", async () => {
    const found: unknown[] = [];
    const handler = chainOn(() => {});
    handler.before(() => void found.push(seen())).after(({ response }) => void found.push(seen(), response));
    expect(await handler(events.sqs(["a"]), contextOf())).toEqual({ batchItemFailures: [] });
    expect(found).toEqual([none, none, { batchItemFailures: [] }]);
  });

  it("an event that is none of SQS is an error of the chain", async () => {
    let thrown: unknown;
    const handler = chainOn(() => {}).onError(({ error }) => void (thrown = error));
    await expect(handler({}, contextOf())).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(thrown).toMatchObject({ code: "CONFIG_INVALID", path: "event" });
  });
});
