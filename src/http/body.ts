import { jsonCodec } from "../core/codec.ts";

/**
 * What a body is to a serializer around the handler: a text, which is left as it is; a value, of which it makes one, here as
 * JSON; null, or none at all, each here as the text that goes out where no serializer comes.
 */
export type BodyForm = "text" | "value" | "null" | "missing";

/** A body of a handler's result. */
export interface Body {
  readonly text: string;
  readonly form: BodyForm;
}

/** Reads a body; undefined for what JSON does not give back. May throw, as getters and `toJSON` may. */
export function bodyIn(given: unknown): Body | undefined {
  if (given === undefined) return { text: "", form: "missing" };
  if (given === null) return { text: "", form: "null" };
  if (typeof given === "string") return { text: given, form: "text" };
  const text = jsonCodec.encode(given);
  return text === undefined || isLost(given, text) ? undefined : { text, form: "value" };
}

/** The body for a serializer, whose turn is next. */
export function bodyOut({ text, form }: Body): unknown {
  if (form === "missing") return undefined;
  if (form === "null") return null;
  return form === "value" ? valueOf(text) : text;
}

/** A body that a hook has made of another one: what it has put in place of none, or of null, is a text. */
export function rewrittenForm({ text, form }: Body, rewritten: string): BodyForm {
  return form === "value" || text === rewritten ? form : "text";
}

function valueOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json; // a hook has made a text of it
  }
}

// JSON writes `{}` for what shows no members. Deep in a value this is what each serializer to JSON says, unless there was
// something in it that a serializer may know.
function isLost(given: unknown, text: string): boolean {
  return (
    (text === "{}" && !isPlain(given as object) && !hasOwnForm(given)) || hidesContent(given) || JSON.stringify(JSON.parse(text)) !== text
  );
}

// Bytes, a Map, URLSearchParams, an iterator, a stream, a Blob. Not a Buffer's `toJSON`: it is of no use to anybody.
function hidesContent(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || Symbol.asyncIterator in value) return true;
  if (hasOwnForm(value)) return false;
  const members: readonly unknown[] = Object.values(value);
  if (members.length > 0) return members.some(hidesContent);
  return (Symbol.iterator in value && !Array.isArray(value)) || "arrayBuffer" in value;
}

function hasOwnForm(value: unknown): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

// A plain object of another realm is one, too.
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
