import { isObject } from "../../core/check.ts";
import { describeError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/fingerprint.ts";
import { keptMessages } from "./queue.ts";

/**
 * How a delivery ended. `text` is for people, and what is compared between two answers to one event.
 *
 * | kind | when |
 * |---|---|
 * | `answered` | the handler's answer counts as done |
 * | `refused` | an `IdempotencyError`, a status from 400, an SQS batch answer with failures: it will be delivered again |
 * | `threw` | any other error |
 * | `died` | the schedule ended its environment |
 */
export interface Ended {
  readonly kind: "answered" | "refused" | "threw" | "died";
  readonly text: string;
  /** An `IdempotencyError` that was thrown. */
  readonly refusal?: unknown;
  /** The messages of a batch that its queue keeps, by an answer that names them. */
  readonly kept?: readonly string[];
}

/** What a handler answered to an event, as it was delivered. */
export function answerOf(value: unknown, event?: unknown): Ended {
  const answer = isObject(value) ? value : {};
  const { statusCode, batchItemFailures } = answer;
  const kept = keptMessages(event, value);
  if (kept !== undefined) return { kind: kept.length > 0 ? "refused" : "answered", text: jsonText({ batchItemFailures }), kept };
  if (statusCode !== undefined) return { kind: Number(statusCode) >= 400 ? "refused" : "answered", text: responseText(answer) };
  const failures = Array.isArray(batchItemFailures) && batchItemFailures.length > 0;
  return { kind: failures ? "refused" : "answered", text: jsonText(value) };
}

/** What a handler threw. */
export function errorOf(thrown: unknown): Ended {
  const { name, message, code } = describeError(thrown);
  if (name === "IdempotencyError") return { kind: "refused", text: `${name} ${code}: ${message}`, refusal: thrown };
  return { kind: "threw", text: `${name}: ${message}` };
}

// Headers are left out: a replay has some of its own, and others tell of the moment.
function responseText({ statusCode, body, isBase64Encoded, cookies }: Readonly<Record<string, unknown>>): string {
  return jsonText({ statusCode: Number(statusCode), body, isBase64Encoded: isBase64Encoded === true || undefined, cookies });
}

// As Lambda sends it: a replay comes from JSON, the first answer does not.
function jsonText(value: unknown): string {
  try {
    return canonicalJson(JSON.parse(JSON.stringify(value) ?? "null"));
  } catch (error) {
    return `an answer that JSON has no form for (${describeError(error).message})`;
  }
}
