/** What becomes of a dead letter. */
export type Decision = "redrive" | "release" | "discard" | "leave";

/** A dead letter, and what is to become of it. */
export interface RedriveEntry {
  readonly messageId: string;
  /** The queue it came from, and goes back to; missing where nothing tells it. */
  readonly sourceQueueArn?: string;
  /** Missing where it has no key. */
  readonly keyHash?: string;
  /** What its record says: `none` where there is none, or its time is over. */
  readonly record?: "none" | "in_progress" | "lapsed" | "completed" | "failed" | "held" | "released";
  /**
   * - `redrive`: send it back;
   * - `release`: free its key, then send it back;
   * - `discard`: its work is done, so that sending it back changes nothing;
   * - `leave`: leave it where it is.
   */
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
}
