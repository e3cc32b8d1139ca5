import { expect, it } from "vitest";
import { schedulerKey } from "../../src/keys/index.ts";
import { scheduledInput } from "./events.ts";

it.for([
  { ...scheduledInput, scheduleArn: "<aws.scheduler.schedule-arn>" },
  { ...scheduledInput, scheduledTime: "<aws.scheduler.scheduled-time>" },
])("is none where a context attribute was not replaced: %j", (input) => {
  expect(schedulerKey(input)).toBeUndefined();
});
