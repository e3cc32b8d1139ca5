// A handler may answer with what is like a promise and is none of this realm's: a query, a promise of a library's own.
import { describe, expect, it } from "vitest";
import { runInNewContext } from "node:vm";
import { memoryBench } from "../support/bench.ts";
import { deliveriesOf, forms, outcome } from "./chains.ts";
import { majors } from "./majors.ts";

const down = new Error("down");
const kinds = {
  "a thenable": {
    fulfilled: () => ({ then: (resolve: (value: string) => void) => resolve("done") }),
    rejected: () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(down) }),
  },
  "a promise of another realm": {
    fulfilled: () => runInNewContext('Promise.resolve("done")') as unknown,
    rejected: () => runInNewContext("Promise.reject(down)", { down }) as unknown,
  },
};

describe.for(majors)("on $name", (major) => {
  describe.for(Object.entries(kinds))("%s", ([, { fulfilled, rejected }]) => {
    it.for(forms)("that is fulfilled is an answer: %s", async (form) => {
      const deliver = deliveriesOf(major, await memoryBench.open(), fulfilled, { form });
      expect([await deliver(), await deliver(), deliver.runs]).toEqual(["done", "done", 1]);
    });

    it.for(forms)("that is rejected is the handler's error: %s", async (form) => {
      const deliver = deliveriesOf(major, await memoryBench.open(), rejected, { form, options: { onError: "keep" } });
      expect(await outcome(deliver())).toBe(down);
      expect(deliver.types()).toEqual(["claimed", "failed"]);
      expect(await outcome(deliver())).toMatchObject({ name: "Error", message: "down" });
      expect(deliver.runs).toBe(1);
    });

    it("that is Middy's early timeout, of a chain within, leaves the key closed", async () => {
      const timeout = Object.assign(new Error("late", { cause: { package: "@middy/core" } }), { name: "TimeoutError" });
      const late = () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(timeout) });
      const deliver = deliveriesOf(major, await memoryBench.open(), late);
      expect(await outcome(deliver())).toBe(timeout);
      expect(deliver.types()).toEqual(["claimed"]);
    });

    it.for([
      { name: "fulfilled", handler: fulfilled, types: ["claimed", "completed"] },
      { name: "rejected", handler: rejected, types: ["claimed", "released"] },
    ])("and an `after` that throws: what is $name counts", async ({ handler, types }) => {
      const deliver = deliveriesOf(major, await memoryBench.open(), handler, {
        chain: (made) =>
          made.after(() => {
            throw new Error("after");
          }),
      });
      await outcome(deliver());
      expect(deliver.types()).toEqual(types);
    });
  });
});
