/** The message attribute, of SQS and of SNS, in which a producer says the key. */
export const keyAttribute = "idempotency-key";

/**
 * The key in that attribute; undefined for an empty one, or another type. A Number stands as its text: it may have more digits
 * than a double holds. A type may carry a label of its own: "String.uuid".
 */
export function keyOfAttribute(type: unknown, value: unknown): string | undefined {
  const isText = /^(String|Number)(\.|$)/.test(String(type)) && type !== "String.Array"; // of SNS, a list
  return isText && typeof value === "string" && value !== "" ? value : undefined;
}
