import type { Duration } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { refuse } from "./findings.ts";

export interface Range {
  readonly atLeastSeconds: number;
  readonly atMostSeconds: number;
  /** The range in words. */
  readonly allowed: string;
}

/** `undefined` for a token. */
export function secondsOf(duration: Duration): number | undefined {
  return duration.isUnresolved() ? undefined : duration.toSeconds({ integral: false });
}

/** AWS counts these in whole seconds, and a token cannot be converted into them. */
export function checkSeconds(scope: IConstruct, path: string, duration: Duration | undefined, range: Range): void {
  if (duration === undefined) return;
  const seconds = secondsOf(duration);
  if (seconds === undefined) {
    if (duration.unitLabel() !== "seconds") refuse(scope, path, duration, "a token has to be of seconds; give Duration.seconds(token)");
    return;
  }
  const { atLeastSeconds, atMostSeconds, allowed } = range;
  if (!Number.isInteger(seconds) || seconds < atLeastSeconds || seconds > atMostSeconds)
    refuse(scope, path, duration, `give ${allowed}, in whole seconds`);
}
