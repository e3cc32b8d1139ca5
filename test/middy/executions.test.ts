// `currentExecution()` is there in the handler, and nowhere else.
import { describe, expect, it } from "vitest";
import { type Execution, idempotent } from "../../src/index.ts";
import { memoryBench } from "../support/bench.ts";
import { leaseMs } from "../support/deliveries.ts";
import { contextOf, deliveriesOf, middlewareOn, type Options, order, outcome, seen, tick } from "./chains.ts";
import { majors } from "./majors.ts";

const mine: unknown = expect.objectContaining({ operation: "charge", attempt: 1 });
const none = "NO_EXECUTION";

/** An outer wrapper, in whose execution work is done. */
function inOuter<R>(work: () => Promise<R>): Promise<R> {
  return idempotent(work, { store: { ...bare }, operation: "outer", key: () => 1, leaseMs, enabled: false })();
}
const bare = Object.fromEntries(
  ["claim", "takeOver", "settle", "extend", "read", "result", "release"].map((call) => [call, () => {}]),
) as never as Options["store"] & object;

describe.for(majors)("on $name", (major) => {
  describe("the handler has its execution", () => {
    it.for<{ name: string; handler: () => unknown }>([
      { name: "synchronous", handler: () => [seen()] },
      { name: "asynchronous", handler: async () => [seen()] },
      {
        name: "after awaits",
        handler: async () => {
          const first = seen();
          await tick();
          const second = seen();
          await new Promise((resolve) => setImmediate(resolve));
          return [first, second, seen()];
        },
      },
      {
        name: "in callbacks of timers",
        handler: () => new Promise((resolve) => setTimeout(() => setImmediate(() => resolve([seen()])), 0)),
      },
      { name: "in what it started and did not await", handler: async () => Promise.all([1, 2].map(async () => (await tick(), seen()))) },
    ])("$name", async ({ handler }) => {
      const looked: unknown[] = [];
      const deliver = deliveriesOf(major, await memoryBench.open(), async () => void looked.push(...((await handler()) as unknown[])));
      await deliver(
        order,
        contextOf(() => 30_000),
      );
      expect(looked).toEqual(looked.map((): unknown => mine));
      expect(looked).not.toEqual([]);
    });

    it("of its own attempt, with a signal, with a key for providers, with a lease to extend", async () => {
      const bench = await memoryBench.open();
      const deliver = deliveriesOf(major, bench, async () => {
        const execution = seen() as Execution;
        await execution.extendLease(60_000);
        expect(await deliver.record()).toMatchObject({ leaseUntil: bench.clock.now() + 60_000 });
        return [execution.attempt, execution.signal.aborted, execution.deriveKey("a").length];
      });
      expect(await deliver()).toEqual([1, false, 43]);
    });

    it.for<{ name: string; options: Options; unreachable?: boolean; execution: unknown }>([
      {
        name: "switched off: attempt 0",
        options: { enabled: false },
        execution: expect.objectContaining({ operation: "charge", attempt: 0 }),
      },
      {
        name: "store unreachable: attempt 0",
        options: { onStoreUnavailable: "run" },
        unreachable: true,
        execution: expect.objectContaining({ operation: "charge", attempt: 0 }),
      },
      { name: "without a key: none, an enclosing one is hidden", options: { onMissingKey: "run", key: () => undefined }, execution: none },
    ])("$name", async ({ options, unreachable = false, execution }) => {
      const bench = await memoryBench.open();
      if (unreachable) bench.faults.on("claim", { answer: "unsent" });
      let found: unknown;
      const deliver = deliveriesOf(major, bench, async () => (await tick(), (found = seen())), { options });
      await inOuter(async () => {
        const outer = seen();
        await deliver();
        expect(seen()).toBe(outer);
      });
      expect(found).toEqual(execution);
    });
  });

  describe("nobody else has it", () => {
    it.for<{ name: string; handler: () => unknown }>([
      { name: "answers", handler: async () => "done" },
      { name: "answers undefined", handler: () => undefined },
      { name: "throws", handler: () => Promise.reject(new Error("down")) },
      {
        name: "throws at once",
        handler: () => {
          throw new Error("down");
        },
      },
    ])("hooks of the chain, the plugin's hooks, and the code that calls a handler that $name", async ({ handler }) => {
      const looked: unknown[] = [];
      const look = (): void => void looked.push(seen());
      const lookLater = async (): Promise<void> => (look(), await tick(), look());
      const plugin = { requestStart: look, beforeMiddleware: look, afterMiddleware: look, beforeHandler: look, afterHandler: look };
      const options: Options = {
        key: ({ id }) => (look(), id),
        fingerprint: look,
        onError: () => (look(), "release"),
        onReplay: (result) => (look(), result),
        onEvent: look,
      };
      const deliver = deliveriesOf(major, await memoryBench.open(), handler, {
        options,
        plugin: { ...plugin, requestEnd: look } as object,
        chain: (made) =>
          made.use({
            before: lookLater,
            // Reads `context`, as many do once the handler has answered.
            after: async (request) => (void request.context, await lookLater()),
            onError: async (request) => (void request.context, await lookLater()),
          }),
      });
      look();
      const delivery = outcome(
        deliver(
          order,
          contextOf(() => 30_000),
        ),
      );
      look();
      await delivery;
      look();
      await outcome(deliver());
      look();
      expect(looked.length).toBeGreaterThan(20);
      expect(looked).toEqual(looked.map(() => none));
    });

    it("an enclosing execution is back for hooks and caller", async () => {
      const looked: unknown[] = [];
      const look = async (): Promise<void> => (looked.push(seen()), await tick(), void looked.push(seen()));
      const deliver = deliveriesOf(major, await memoryBench.open(), async () => void looked.push(seen()), {
        chain: (made) => made.use({ before: look, after: look }),
      });
      await inOuter(async () => {
        await look();
        await deliver();
        await look();
      });
      const outer: unknown = expect.objectContaining({ operation: "outer" });
      expect(looked).toEqual([outer, outer, outer, outer, mine, outer, outer, outer, outer]);
    });

    it("a later `before` that reads `context` is inside from there on, and what comes after the handler is not", async () => {
      const looked: unknown[] = [];
      const deliver = deliveriesOf(major, await memoryBench.open(), () => void looked.push(seen()), {
        chain: (made) =>
          made
            .before(async () => void looked.push(seen()))
            .before(async (request) => (void request.context, await tick(), void looked.push(seen())))
            .before(async (request) => (await tick(), void request.context))
            .after(() => void looked.push(seen())),
      });
      await deliver();
      expect([looked, seen()]).toEqual([[none, mine, mine, none], none]);
    });

    it.for([{ reads: true }, { reads: false }])(
      "after a later `before` that throws, and reads `context` or not ($reads): error hooks are outside",
      async ({ reads }) => {
        const looked: unknown[] = [];
        const deliver = deliveriesOf(major, await memoryBench.open(), undefined, {
          chain: (made) =>
            made.use({
              before: (request) => {
                if (reads) void request.context;
                throw new Error("invalid");
              },
              onError: (request) => (void request.context, void looked.push(seen())),
            }),
        });
        await outcome(deliver());
        expect([looked, seen(), deliver.runs]).toEqual([[none], none, 0]);
      },
    );
  });

  describe("executions never meet", () => {
    it("30 requests at once on one instance, each with its own key and answer", async () => {
      const deliver = deliveriesOf(major, await memoryBench.open(), async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return (seen() as Execution).keyHash;
      });
      const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => deliver({ id: `k${i}` })));
      expect(new Set(answers).size).toBe(30);
    });

    it("a handler inside a handler has its own, and the outer one is back after it", async () => {
      const bench = await memoryBench.open();
      const inner = major.middy(async () => (seen() as Execution).operation).use(middlewareOn(bench.store, { operation: "inner" }));
      const deliver = deliveriesOf(major, bench, async () => {
        const before = seen();
        const answer = await inner(order);
        expect(seen()).toBe(before);
        return [(seen() as Execution).operation, answer];
      });
      expect([await deliver(), await deliver(), seen()]).toEqual([["charge", "inner"], ["charge", "inner"], none]);
    });

    it("an inner handler's failure is the inner operation's", async () => {
      const bench = await memoryBench.open();
      const inner = major.middy(() => Promise.reject(new Error("inner"))).use(middlewareOn(bench.store, { operation: "inner" }));
      const deliver = deliveriesOf(major, bench, () => inner(order).catch(() => (seen() as Execution).operation));
      expect([await deliver(), await deliver(), deliver.runs]).toEqual(["charge", "charge", 1]);
    });

    it.for([{ fails: false }, { fails: true }])(
      "two middlewares with other keys in one chain: the handler is inside the later one (fails: $fails)",
      async ({ fails }) => {
        const bench = await memoryBench.open();
        const looked: unknown[] = [];
        const look = (): void => void looked.push(seen());
        const deliver = deliveriesOf(
          major,
          bench,
          async () => {
            await tick();
            look();
            if (fails) throw new Error("down");
            return "done";
          },
          {
            chain: (made) =>
              made
                .use(middlewareOn(bench.store, { operation: "second", key: ({ id }) => `second ${id}` }))
                .use({ before: look, after: look, onError: look })
                .after(look),
          },
        );
        await outcome(
          deliver(
            order,
            contextOf(() => 30_000),
          ),
        );
        look();
        // The second one's `before` reads `context`: the first one is entered from there on.
        const first = mine;
        const second: unknown = expect.objectContaining({ operation: "second" });
        expect(looked).toEqual([first, second, ...(fails ? [none] : [none, none]), none]);
        expect(await deliver.record()).toMatchObject({ status: fails ? "released" : "completed" });
        await outcome(deliver());
        expect(deliver.runs).toBe(fails ? 2 : 1);
      },
    );
  });

  describe("a watched request", () => {
    it("takes and gives what other middlewares assign, and looks like any other", async () => {
      const deliver = deliveriesOf(major, await memoryBench.open(), (_event, context: { added: number }) => ({ added: context.added }), {
        chain: (made) =>
          made
            .before((request) => {
              request.context = { ...request.context, added: 1 } as never;
              expect(Object.keys(request)).toEqual(expect.arrayContaining(["event", "context", "response", "error", "internal"]));
            })
            .after((request) => {
              request.response = { ...(request.response as object), after: true };
              expect({ ...request }).toMatchObject({ response: { added: 1, after: true }, error: undefined, context: { added: 1 } });
            }),
      });
      expect([await deliver(), await deliver()]).toEqual(Array.from({ length: 2 }, () => ({ added: 1, after: true })));
    });
  });
});
