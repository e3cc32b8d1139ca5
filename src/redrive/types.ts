/** What becomes of a dead letter. */
export type Decision = "redrive" | "release" | "discard" | "leave";

/** Where a key comes from: see `messageKey`; `custom` is a key of the handler's own. */
export type KeySource = "attribute" | "envelope" | "messageId" | "custom";

/** A dead letter, and what is to become of it. */
export interface RedriveEntry {
  readonly messageId: string;
  /** The queue it came from, and goes back to; missing where nothing tells it. */
  readonly sourceQueueArn?: string;
  /** Missing where it has no key. */
  readonly keyHash?: string;
  /** Missing where it has no key. A message by `messageId` comes back with that id in the attribute `idempotency-key`. */
  readonly keyFrom?: KeySource;
  /** What its record says: `none` where there is none, or its time is over; missing where it could not be asked. */
  readonly record?: "none" | "in_progress" | "lapsed" | "completed" | "failed" | "held" | "released";
  /**
   * What its record asks for:
   *
   * - `redrive`: send it back;
   * - `release`: free its key, then send it back;
   * - `discard`: its work is done, so that sending it back changes nothing;
   * - `leave`: leave it where it is.
   */
  readonly proposal: Decision;
  /** The proposal, or `leave`: the one member that a reviewer may edit. */
  readonly decision: Decision;
  /** Why, for a person. */
  readonly reason: string;
}

/** What is in a dead-letter queue and what is to become of it; plain JSON. */
export interface RedrivePlan {
  readonly version: 1;
  readonly runId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly deadLetterQueueUrl: string;
  readonly operation: string;
  /** Whether every message was seen: none was in flight elsewhere, and `maxMessages` was enough. */
  readonly complete: boolean;
  readonly entries: readonly RedriveEntry[];
  /** Of all but the decisions. */
  readonly checksum: string;
}

/** A message that stays where it is, and why. */
export interface Remaining {
  readonly messageId: string;
  readonly reason: string;
}

/** What a run has come to. A run that was resumed counts what the whole of it did. */
export interface RedriveReport {
  readonly runId: string;
  /** Messages that were sent back. */
  readonly redriven: number;
  /** Keys that were freed for them. */
  readonly released: number;
  /** Messages that were deleted because their work is done. */
  readonly discarded: number;
  /** What the plan, or its record, leaves in the dead-letter queue. */
  readonly left: readonly Remaining[];
  /** What should have gone and is still there: another run with the same plan and journal goes on with it. */
  readonly failed: readonly Remaining[];
  /** Why the run ended before its time; the messages that it did not come to are in neither list. */
  readonly stopped?: string;
}
