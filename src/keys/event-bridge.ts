import type { KeyInput } from "../core/key.ts";
import { textAt } from "./parts.ts";

/** An event of EventBridge, as far as its key needs it. */
export interface EventBridgeEvent {
  readonly id: string;
}

/**
 * The key of an event of EventBridge: its `id`, which is the same where a rule runs, or a target is tried, more than once.
 * Undefined where there is none, as behind an input transformer that leaves it out.
 *
 * EventBridge assigns the id after `PutEvents`: a producer that sends again makes another event. Where `detail` says what
 * the event is about, such as an order's id, a key of that is better, and holds for both.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html "My rule ran more than once in response to one event"
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html "EventBridge assigns each event a unique ID"
 * @example
 * key: eventBridgeKey
 */
export function eventBridgeKey(event: EventBridgeEvent): KeyInput | undefined {
  return textAt(event, "id");
}
