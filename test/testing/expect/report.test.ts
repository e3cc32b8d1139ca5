import { expect, it } from "vitest";
import type { MadeWave } from "../../../src/testing/expect/play.ts";
import { wavesText } from "../../../src/testing/expect/report.ts";
import type { Decided } from "../../../src/testing/expect/world.ts";

const made = { event: 0, environment: "A", cold: true, mayRepeat: false, calls: { claim: 1, settle: 1 }, leftOpen: false, left: undefined };

function decided(environment: string, operation: string, event: number): Decided {
  return { environment, event, call: "claim", id: { operation, keyHash: "hash" }, how: "applied" };
}

it("an answer before its own settlement is told as such", () => {
  const wave: MadeWave = { laterMs: 0, deliveries: [{ ...made, leftOpen: true, ended: { kind: "answered", text: "1" } }], log: [] };
  expect(wavesText([wave])).toContain("answered 1\n     before its own claim was settled: the handler did not wait for that");
});

it.for<[string, Decided[], string]>([
  ["one key", [decided("A", "charge", 0), decided("B", "charge", 0)], "the store decided: A claim applied, B claim applied"],
  [
    "several keys",
    [decided("A", "mail", 0), decided("B", "charge", 1)],
    'the store decided: A claim of "mail" for events[0] applied, B claim of "charge" for events[1] applied',
  ],
])("requests of %s", ([, log, says]) => {
  const ended = { kind: "answered", text: "1" } as const;
  const wave: MadeWave = {
    laterMs: 0,
    deliveries: [
      { ...made, ended },
      { ...made, ended },
    ],
    log,
  };
  expect(wavesText([wave])).toContain(says);
});
