// A plan as a file that a person has read, and maybe edited: its decisions to `leave`, and nothing else.
import { fail, isObject } from "../core/check.ts";
import { IdempotencyError } from "../core/errors.ts";
import { sha256 } from "../core/key.ts";
import type { RedriveEntry, RedrivePlan } from "./types.ts";

export function sealed(plan: Omit<RedrivePlan, "checksum">): RedrivePlan {
  return { ...plan, checksum: checksumOf(plan) };
}

/**
 * A plan as it was made, but for decisions that were edited to `leave`.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for anything else.
 */
export function checkPlan(value: unknown): RedrivePlan {
  if (!isObject(value) || !Array.isArray(value["entries"])) throw fail("plan", value, "give what planRedrive made");
  const plan = value as unknown as RedrivePlan;
  if (plan.version !== 1) throw fail("plan.version", plan.version, "this version of lambda-once reads plans of version 1");
  if (checksumOf(plan) !== plan.checksum)
    throw refused("plan", "the plan was changed: only a decision may be edited, and only to leave; make a new plan");
  for (const [i, { decision, proposal }] of plan.entries.entries())
    if (decision !== proposal && decision !== "leave")
      throw fail(`plan.entries[${i}].decision`, decision, `give ${proposal}, which its record asks for, or leave`);
  return plan;
}

/** `CONFIG_INVALID`, in words of its own. */
export function refused(path: string, message: string): IdempotencyError {
  return new IdempotencyError("CONFIG_INVALID", message, { path });
}

// By name, as a person or a tool may have put members in another order.
function checksumOf({
  version,
  runId,
  createdAt,
  deadLetterQueueUrl,
  operation,
  complete,
  entries,
}: Omit<RedrivePlan, "checksum">): string {
  const rows = entries.map((entry) => rowOf(isObject(entry) ? entry : {}));
  return sha256(JSON.stringify([version, runId, createdAt, deadLetterQueueUrl, operation, complete, rows]));
}

function rowOf(entry: Partial<RedriveEntry>): unknown[] {
  const { messageId, sourceQueueArn, keyHash, keyFrom, record, proposal, reason, decision: _, ...others } = entry;
  return [messageId, sourceQueueArn, keyHash, keyFrom, record, proposal, reason, Object.keys(others)];
}
