// The rules by name, and one that does not hold.
import type { Invariant } from "../model/invariants.ts";

/** What the simulation asks beyond the model (`test/model/invariants.ts`), which sees no clients, retries and answers. */
type OwnInvariant =
  | "every delivery is answered"
  | "every refusal is so"
  | "a record says how its run ended"
  | "a lease never moves back"
  | "a run is told to stop in time"
  | "the end of a run is sent"
  | "runs without a claim are asked for"
  | "a wait ends in time"
  | "an end is tried again";

export type SimulatedInvariant = Invariant | OwnInvariant;

/** A rule that does not hold, and how it shows. */
export interface Violation {
  readonly invariant: SimulatedInvariant;
  readonly detail: string;
}
