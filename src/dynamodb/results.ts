import { lostEncoding } from "../core/codec.ts";
import type { KeptResult, Outcome } from "../core/store.ts";

/** What an item may hold beside a result, with room to spare. Bytes. */
const roomForTheRest = 8 * 1024;
/**
 * The largest result that is kept in the claim item. Bytes.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html (an item has at most 400 KB)
 */
const maxInlineBytes = 400 * 1024 - roomForTheRest;

/** An outcome that fits an item: a result that is too large is measured before it is sent, and completes as `lost`. */
export function fitOutcome(outcome: Outcome): { readonly outcome: Outcome; readonly kept: KeptResult | undefined } {
  if (outcome.status !== "completed") return { outcome, kept: undefined };
  const bytes = Buffer.byteLength(outcome.text ?? "");
  if (bytes <= maxInlineBytes) return { outcome, kept: { encoding: outcome.encoding, bytes } };
  const { text: _, ...rest } = outcome;
  const reason = `the result has ${bytes} bytes, an item holds ${maxInlineBytes}`;
  return { outcome: { ...rest, encoding: lostEncoding }, kept: { encoding: lostEncoding, bytes: 0, reason } };
}
