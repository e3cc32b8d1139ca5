import { IdempotencyError } from "../core/errors.ts";

/** The message attribute in which a producer says the key. */
export const keyAttribute = "idempotency-key";

/**
 * The key in that attribute. A Number stands as its text: it may have more digits than a double holds. A type may carry a
 * label of its own: "String.uuid".
 *
 * @throws IdempotencyError `KEY_INVALID` for an empty one, or another type: a producer meant it.
 */
export function keyOfAttribute(type: unknown, value: unknown): string {
  if (/^(String|Number)(\.|$)/.test(String(type)) && typeof value === "string" && value !== "") return value;
  const what = value === "" ? "is empty" : `is of type ${String(type)}`;
  throw new IdempotencyError("KEY_INVALID", `the message attribute "${keyAttribute}" ${what}: send a String or a Number`);
}
