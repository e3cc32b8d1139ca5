import { expect, it } from "vitest";
import { answerBy, msSince, reportStoreError } from "../../src/core/call.ts";
import { callOn } from "./call-on.ts";

it.for([
  { passed: 5, ms: 5 },
  { passed: 0, ms: 0 },
  { passed: -5, ms: 0 },
])("$passed ms later it is $ms ms ago: never less than 0, whatever a clock does", ({ passed, ms }) => {
  const call = callOn();
  expect(msSince(call, call.clock.now() - passed)).toBe(ms);
});

it.for([
  { left: undefined, waits: undefined },
  { left: -1, waits: undefined },
  { left: 0, waits: undefined },
  { left: 1, waits: 200 },
  { left: 400, waits: 200 },
  { left: 401, waits: 201 },
  { left: 30_000, waits: 29_800 },
])("with $left ms left to the invocation a store may be waited for $waits ms", ({ left, waits }) => {
  const call = callOn();
  const now = call.clock.now();
  const by = answerBy({ ...call, deadline: () => (left === undefined ? undefined : now + left) });
  expect(by).toBe(waits === undefined ? undefined : now + waits);
});

it("the store's trouble is told as it is", () => {
  const told: unknown[] = [];
  const error = new Error("down");
  reportStoreError(callOn({ report: (event) => told.push(event) }), "extend", error);
  expect(told).toEqual([{ type: "store_error", during: "extend", error }]);
});
