import { ignoreRejection, messageOf } from "./errors.ts";

/**
 * Turns a result into text and back. `encode` answers undefined for what it cannot keep.
 * `name` is kept in the record: a record written by another codec is `RESULT_UNAVAILABLE`, never a run.
 */
export interface Codec<R> {
  readonly name: string;
  encode(value: R): string | undefined;
  decode(text: string): R;
}

/** Encoding of a result that was `undefined`. */
export const voidEncoding = "void";
/** Encoding of a result that could not be kept: the work is done, duplicates get `RESULT_UNAVAILABLE`. */
export const lostEncoding = "lost";

/**
 * What Lambda itself would send: JSON, with `toJSON`, dates as text, undefined members left out. Not a stream, nor a
 * response with one for its body: JSON would make an empty object of it.
 */
export const jsonCodec: Codec<unknown> = {
  name: "json",
  encode: (value) => (isStream(value) || isStream(member(value, "body")) ? undefined : (JSON.stringify(value) as string | undefined)),
  decode: (text) => JSON.parse(text) as unknown,
};

// Node's and the web's. What has a JSON form of its own is none.
function isStream(value: unknown): boolean {
  const has = (...methods: readonly string[]): boolean => methods.every((method) => typeof member(value, method) === "function");
  return (has("pipe", "on") || has("getReader", "cancel")) && !has("toJSON");
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A result, ready to be kept. */
export type Encoded =
  | { readonly encoding: string; readonly text: string }
  | { readonly encoding: typeof voidEncoding }
  | { readonly encoding: typeof lostEncoding; readonly reason: string };

/** Encodes a result; never throws, since the work is done and its caller must have the answer. */
export function encodeResult<R>(codec: Codec<R>, result: R): Encoded {
  let text: unknown;
  try {
    text = codec.encode(result);
  } catch (error) {
    return lost(codec, `failed: ${messageOf(error)}`);
  }
  ignoreRejection(text);
  if (text === undefined && result === undefined) return { encoding: voidEncoding };
  if (typeof text !== "string") return lost(codec, `gave no text for a result of type ${typeof result}`);
  // UTF-8 has no form for half a surrogate pair: the replay would differ from the first answer.
  if (!text.isWellFormed()) return lost(codec, "gave text that is no Unicode");
  return { encoding: codec.name, text };
}

function lost<R>({ name }: Codec<R>, why: string): Encoded {
  return { encoding: lostEncoding, reason: `codec "${name}" ${why}` };
}
