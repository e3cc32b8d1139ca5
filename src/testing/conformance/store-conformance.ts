import { type Check, checkFields, checkStore, optional, theFunction } from "../../core/check.ts";
import type { Store } from "../../core/store.ts";
import { listOf, oneNamed } from "../checks.ts";
import { apartObligations } from "./apart.ts";
import type { Suite } from "./cases.ts";
import { claimObligations } from "./claims.ts";
import { endingObligations } from "./endings.ts";
import { handedOutObligations } from "./handed-out.ts";
import { leaseObligations } from "./leases.ts";
import { raceObligations } from "./races.ts";
import { releaseObligations } from "./releases.ts";
import { resultObligations } from "./results.ts";
import { takeoverObligations } from "./takeovers.ts";
import { valueObligations } from "./values.ts";

/**
 * What a store may lack.
 *
 * - `record-of-refusal`: a refused takeover, settlement, extension or release shows the record that refused it. Without
 *   it, an ending whose answer was lost costs a request more, and such an extension is taken for a lost lease.
 */
export type Capability = "record-of-refusal";

export interface ConformanceOptions {
  /** Called for each test; what gives no store fails it with `CONFIG_INVALID`. A store that is empty, or at least has none of this suite's ids, which are random. */
  readonly make: () => Promise<Store>;
  /** A test runner's `test` or `it`. Results of up to 8 MB are written: allow for them in its time limit. */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
  readonly lacks?: readonly Capability[] | undefined;
}

const checks = {
  make: theFunction,
  test: theFunction,
  lacks: optional(listOf(oneNamed<Capability>(["record-of-refusal"]), "give a list of capabilities"), []),
} satisfies Record<keyof ConformanceOptions, Check<unknown>>;

/**
 * Declares one test for each obligation of a store, as `Store` describes them. Any test runner serves. A test that fails
 * says which call it was, and member by member what was expected and what came.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for an unknown option, and for one that is no function or no capability.
 * @example
 * describe("my store", () => storeConformance({ make: async () => myStore(await freshTable()), test: it }));
 */
export function storeConformance(options: ConformanceOptions): void {
  const { lacks } = checkFields(options, "options", checks);
  const suite: Suite = {
    make: async () => checkStore(await options.make(), "make()"),
    test(name, run) {
      options.test(name, () => run()); // a runner may look at how many arguments a test takes
    },
    shows: !lacks.includes("record-of-refusal"),
  };
  claimObligations(suite);
  takeoverObligations(suite);
  endingObligations(suite);
  resultObligations(suite);
  leaseObligations(suite);
  releaseObligations(suite);
  handedOutObligations(suite);
  valueObligations(suite);
  apartObligations(suite);
  raceObligations(suite);
}
