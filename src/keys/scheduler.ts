import type { KeyInput } from "../core/key.ts";
import { textAt } from "./parts.ts";

/** The input of a schedule of EventBridge Scheduler, as its key needs it. */
export interface ScheduledInput {
  readonly scheduleArn: string;
  readonly scheduledTime: string;
}

/**
 * The key of an invocation by EventBridge Scheduler: which schedule, and for what time. An invocation says neither by
 * itself. The target's `Input` has to, by context attributes, beside what else the handler needs:
 *
 * ```json
 * { "scheduleArn": "<aws.scheduler.schedule-arn>", "scheduledTime": "<aws.scheduler.scheduled-time>" }
 * ```
 *
 * Undefined where one of them is not there, or is a context attribute that nobody replaced. Not
 * `<aws.scheduler.execution-id>`: that is "the unique ID that EventBridge Scheduler assigns for each attempted
 * invocation", another one in each retry; and `<aws.scheduler.attempt-number>` counts them.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 * @example
 * key: schedulerKey
 */
export function schedulerKey(input: ScheduledInput): KeyInput | undefined {
  const scheduleArn = replacedAt(input, "scheduleArn");
  const scheduledTime = replacedAt(input, "scheduledTime");
  return scheduleArn === undefined || scheduledTime === undefined ? undefined : [scheduleArn, scheduledTime];
}

// As it stands in the template it is the same each time: one invocation would stand for all.
function replacedAt(input: unknown, name: keyof ScheduledInput): string | undefined {
  const text = textAt(input, name);
  return text?.startsWith("<aws.scheduler.") ? undefined : text;
}
