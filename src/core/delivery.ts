import type { Call } from "./call.ts";
import type { Claim } from "./claim.ts";
import type { StoredRecord } from "./record.ts";
import type { Refusal } from "./refusals.ts";
import type { ClaimRef } from "./store.ts";
import { type Newcomer, retryAfterMs, type TakeoverReason } from "./verdict.ts";

/** What a delivery may do. Only a runnable one has something to write with: whoever was refused has not. */
export type Begun = Runnable | { readonly kind: "replay"; readonly record: StoredRecord } | Refusal;

export type Runnable =
  | { readonly kind: "run"; readonly claim: Claim }
  /** The store could not be reached, and policy says to run all the same; `ref` is the claim that may be there. */
  | { readonly kind: "unclaimed"; readonly ref: ClaimRef };

/** What to do next: write a claim, onto nothing or onto the record as seen. */
export type Write = { readonly kind: "claim" } | { readonly kind: "takeover"; readonly seen: StoredRecord; readonly from: TakeoverReason };

/** What comes next, or what it has come to. */
export type Step = Write | Begun;

export function isWrite(step: Step): step is Write {
  return step.kind === "claim" || step.kind === "takeover";
}

/** A delivery on its way to its answer. */
export interface Delivery {
  readonly call: Call;
  readonly newcomer: Newcomer;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** The newest record that was seen of this key. */
  lastSeen: StoredRecord | undefined;
  /** A claim of ours that is, or may be, in the store, and that nothing has started under. */
  unstarted: ClaimRef | undefined;
  /** Epoch milliseconds; set by the first wait, so that all waits of a delivery share one allowance. */
  waitUntil: number | undefined;
}

/** Another's run; without a record, a claim of our own that is about to be released. */
export function busy({ clock }: Call, record?: StoredRecord): Begun {
  return { kind: "busy", record, retryAfterMs: record === undefined ? 1 : retryAfterMs(record, clock.now()) };
}
