// What a state of the model is made of: plain values, never changed in place.
import type { StoredRecord } from "../../src/core/record.ts";
import type { ClaimRef, Outcome } from "../../src/core/store.ts";
import type { ErrorPolicy } from "../../src/core/options.ts";
import type { Counted } from "./tally.ts";

/** What one delivery is like. */
export interface Delivery {
  /** One letter; its owner token, and the result that its run would have. */
  readonly name: string;
  /** How far its clock is ahead. Milliseconds. */
  readonly skewMs?: number;
  readonly payload?: string;
  /** How long it waits for a live claim of another's. Milliseconds. */
  readonly waitMs?: number;
  /** When its invocation ends. Milliseconds. */
  readonly deadline?: number;
  readonly retryFailedBeforeMs?: number;
}

/** What a run of the model is told. Times in milliseconds, the first moment is 0. */
export interface Configuration {
  readonly name: string;
  /** In one sentence: what this one is for. */
  readonly about: string;
  readonly deliveries: readonly Delivery[];
  readonly leaseMs: number;
  readonly retentionSeconds: number;
  readonly tickMs: number;
  /** The clock stops here; what was begun goes on. */
  readonly untilMs: number;
  readonly onLeaseExpired: "run" | "throw";
  /** What the handlers' errors do; undefined: they have none. */
  readonly onError?: ErrorPolicy;
  readonly large?: boolean;
  /** Handlers do not wait for their extensions. */
  readonly leavesExtensions?: boolean;
  readonly budget: Budget;
  /** What the table holds at first, and whose run it is, if it is one. */
  readonly record?: StoredRecord;
  readonly running?: string;
  /** Clocks differ by more than the margin: then not everything is promised. */
  readonly beyondMargin?: boolean;
  /** What it is to check: each must have had something to lose, or have been judged, often enough. */
  readonly checks: readonly Counted[];
  /** Part of the short form. */
  readonly short?: boolean;
}

/** How often something may still happen. */
export interface Budget {
  readonly crashes: number;
  readonly losses: number;
  readonly deletions: number;
  readonly extensions: number;
}

/** One request to the table. */
export type Request =
  | { readonly kind: "claim"; readonly ref: ClaimRef }
  | { readonly kind: "takeover"; readonly ref: ClaimRef; readonly seen: StoredRecord }
  | { readonly kind: "read"; readonly sentAt: number }
  | { readonly kind: "extend"; readonly ref: ClaimRef; readonly leaseUntil: number; readonly isLeft?: boolean }
  | { readonly kind: "child"; readonly ref: ClaimRef; readonly outcome: Outcome }
  | { readonly kind: "settle"; readonly ref: ClaimRef; readonly outcome: Outcome; readonly large: boolean; readonly unfenced?: boolean }
  | { readonly kind: "fetch"; readonly record: StoredRecord };

/** What the table answered. `text`: a result that stands beside its record. */
export interface Answer {
  readonly applied: boolean;
  readonly record?: StoredRecord | undefined;
  readonly text?: string | undefined;
  /** When it was applied, for the invariants only, and only where "unknown" may come of it. */
  readonly at?: number;
}

export type Phase =
  | "not delivered"
  | "claiming"
  | "looking"
  | "sleeping"
  | "waiting"
  | "running"
  | "extending"
  | "settling"
  | "releasing"
  | "fetching"
  | "answered"
  | "crashed";

/** What a delivery was told in the end. */
export type Told =
  /** `of`: the owner of the record that it is read from. */
  | {
      readonly kind: "value";
      readonly text: string | undefined;
      readonly of: string;
      readonly from: "replay" | "kept" | "unkept" | "winner";
    }
  | { readonly kind: "error"; readonly record?: StoredRecord }
  | { readonly kind: "busy" | "mismatch"; readonly record: StoredRecord | undefined }
  | { readonly kind: "unknown"; readonly record: StoredRecord; readonly takenAt: number | undefined }
  | { readonly kind: "unavailable" | "lease lost" }
  | { readonly kind: "result unavailable"; readonly record: StoredRecord };

/** One delivery on its way. */
export interface ExecutionState {
  /** Its own; filled by keys.ts. */
  readonly memo: { key?: number };
  readonly phase: Phase;
  /** The request that it waits for, and the answer to that, once it is under way. */
  readonly sent?: Request | undefined;
  readonly answer?: Answer | undefined;
  /** Its claim, and until when it believes to hold it. */
  readonly ref?: ClaimRef | undefined;
  readonly leaseUntil?: number | undefined;
  /** A claim that is, or may be, in the table, and that nothing has started under. */
  readonly unstarted?: ClaimRef | undefined;
  readonly waitUntil?: number | undefined;
  /** What it is to be told once its last request is answered. */
  readonly toTell?: Told | undefined;
  /** Its handler was started. */
  readonly ran: boolean;
  /** Its run's end is in the table, or was. */
  readonly closed: boolean;
  /** One of its writes was given up with unknown outcome. */
  readonly unsure: boolean;
}

export interface Child {
  readonly name: string;
  readonly text: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** The newest outcome that the table took, for the invariants only. */
export interface Kept {
  readonly owner: string;
  readonly status: "completed" | "failed" | "held";
  readonly completedAt: number;
  /** The end of its retention. */
  readonly until: number;
}

export interface State {
  readonly now: number;
  readonly record: StoredRecord | undefined;
  readonly children: readonly Child[];
  readonly executions: readonly ExecutionState[];
  /** Writes that were sent, that nobody waits for, and that may still be applied. */
  readonly stray: readonly Request[];
  readonly left: Budget;
  readonly kept: Kept | undefined;
}
