import { channel } from "node:diagnostics_channel";
import { type IdempotencyEvent, type Listener, tell } from "../core/events.ts";

const published = channel("lambda-once");

/** Does anybody listen? Most wrappers have no listener, and nobody subscribes to the channel. */
export function isHeard(onEvent: Listener | undefined): boolean {
  return onEvent !== undefined || published.hasSubscribers;
}

/** Tells an event to the wrapper's own listener, and publishes it on `node:diagnostics_channel` "lambda-once". */
export function publish(onEvent: Listener | undefined, event: IdempotencyEvent): void {
  Object.freeze(event); // all listeners see the same one
  if (onEvent !== undefined) tell(onEvent, event);
  if (published.hasSubscribers) published.publish(event);
}
