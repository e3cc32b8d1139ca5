import type { Rules } from "./rules.ts";
import type { Budget } from "./state.ts";

/** A rule of the protocol, dropped or changed. */
export interface Variant {
  /** What the code does wrong. */
  readonly name: string;
  /** The rule that this breaks, and where it stands. */
  readonly rule: string;
  readonly where: string;
  /** The configuration in which it shows, with less trouble than usual where that is enough. */
  readonly shownIn: string;
  readonly budget?: Partial<Budget>;
  readonly changes: Partial<Rules>;
  /** Breaks nothing, and why. */
  readonly impliedBy?: string;
  /** What the trace does not say by itself. */
  readonly reading?: string;
}
