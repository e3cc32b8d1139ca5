import { type Check, checkFields, optional } from "../../core/check.ts";
import { filledText, listOf, text } from "../checks.ts";
import { accountId, copyOf, momentCheck, region } from "./parts.ts";
import { digitsOf, uuidOf } from "../aws-forms.ts";

export interface EventBridgeOptions<DetailType extends string, Detail extends object> {
  readonly detailType: DetailType;
  /** Handed on as it comes out of JSON. */
  readonly detail: Detail;
  /** Default: `shop.orders`. */
  readonly source?: string | undefined;
  /** Default: made of the event, so that the same event has the same id. */
  readonly id?: string | undefined;
  /** Default: none. */
  readonly resources?: readonly string[] | undefined;
  /** When it happened, epoch milliseconds. Default: the first of January 2026, UTC. */
  readonly atMs?: number | undefined;
}

export interface EventBridgeEvent<DetailType extends string, Detail extends object> {
  version: string;
  id: string;
  "detail-type": DetailType;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: Detail;
}

const checks = {
  detailType: filledText,
  detail: (value: unknown, path: string): object => copyOf(value as object, path),
  source: optional(filledText, "shop.orders"),
  id: optional(filledText),
  resources: optional(listOf(text, "give a list of ARNs"), []),
  atMs: momentCheck,
} satisfies Record<keyof EventBridgeOptions<string, object>, Check<unknown>>;

/**
 * An event of a bus.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 * @throws IdempotencyError `CONFIG_INVALID` for an unknown option, or a wrong value.
 */
export function eventBridge<DetailType extends string, Detail extends object>(
  options: EventBridgeOptions<DetailType, Detail>,
): EventBridgeEvent<DetailType, Detail> {
  const { detailType, detail, source, id, resources, atMs } = checkFields(options, "options", checks);
  return {
    version: "0",
    id: id ?? uuidOf(digitsOf(detailType, detail, source, resources, atMs)),
    "detail-type": detailType as DetailType,
    source,
    account: accountId,
    time: new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z"), // whole seconds
    region,
    resources: [...resources],
    detail: detail as Detail,
  };
}
