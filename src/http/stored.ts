import type { Codec } from "../core/codec.ts";
import { defined, describeError, ignoreRejection, type KeptError, ReplayedError } from "../core/errors.ts";
import type { Replay } from "../core/options.ts";
import type { BodyForm } from "./body.ts";
import { limits } from "./marks.ts";
import { isKept, keptHeaders } from "./kept-headers.ts";
import { kindOf } from "./refuse.ts";
import { copied, type HttpResponse, isResponse, isSet, type Read, rewritten } from "./response.ts";
import { append, noValues } from "./values.ts";

/** What a run comes to, or what the record of one says. */
export type Answer =
  /** The handler's own, in this delivery; `read` is undefined where it cannot be kept. */
  | { readonly kind: "fresh"; readonly result: unknown; readonly read: Read | undefined }
  /** What the handler has thrown, in this delivery, where policy keeps it. */
  | { readonly kind: "thrown"; readonly error: unknown }
  /** `first`: the run that made it. */
  | { readonly kind: "stored"; readonly read: Read; readonly first?: Replay }
  | { readonly kind: "storedError"; readonly error: StoredError; readonly first?: Replay };

/** An error as it is kept: what error handlers of Middy read of it is a part. */
export interface StoredError extends KeptError {
  readonly expose?: boolean | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Which headers are kept beside the usual ones, by lower-case names, and what is made of an answer before it is. */
export interface Keeping {
  readonly keepHeaders: ReadonlySet<string>;
  readonly toStored: ((response: HttpResponse) => unknown) | undefined;
}

/** What a record has beside the answer's own members. */
interface Kept {
  readonly error?: StoredError;
  readonly form?: BodyForm;
  readonly names?: Readonly<Record<string, string>>;
  readonly statusDescription?: string;
}

/** More is sent to nobody, bytes: a replay would be an error, each time. Less what a result's form adds. */
const maxBytes = limits.perhaps - 256;

/** Answers as text. A hook that throws, or gives no answer, makes a run's result `lost`; its message may hold what must not be told. */
export function answerCodec(keeping: Keeping): Codec<Answer> {
  return {
    name: "http",
    encode(answer) {
      if (answer.kind === "thrown") return JSON.stringify({ error: storedErrorOf(answer.error, keeping) });
      if (answer.kind !== "fresh" || answer.read === undefined) return undefined;
      const response = storedOf(answer.read.response, keeping);
      const { status, headers, body, isBase64 } = response;
      const { form, statusDescription, names = {} } = rewritten(answer.read, response);
      const written = Object.entries(names).filter(([name]) => Object.hasOwn(headers, name));
      const text = JSON.stringify({
        status,
        headers,
        body,
        ...(isBase64 && { isBase64 }),
        ...(form !== "text" && { form }),
        ...(written.length > 0 && { names: Object.fromEntries(written) }),
        ...(keeping.toStored === undefined && { statusDescription }), // the hook does not see it
      });
      const bytes = Buffer.byteLength(text);
      if (bytes > maxBytes) throw new Error(`the answer has ${bytes} bytes, the limit is ${maxBytes}`);
      return text;
    },
    decode(text) {
      const { error, form = "text", statusDescription, names, ...kept } = JSON.parse(text) as Kept;
      if (error !== undefined) return { kind: "storedError", error };
      const response: unknown = { cookies: [], isBase64: false, ...kept };
      if (!isResponse(response)) throw new Error("it is no answer");
      return { kind: "stored", read: { response, form, ...defined({ statusDescription, names }) } };
    },
  };
}

/** A kept error, to be thrown again; `marks` are for error handlers that lay an error's headers on its answer. */
export function replayedError({ expose, headers, ...error }: StoredError, marks: Readonly<Record<string, string>>): ReplayedError {
  const replayed = Object.assign(new ReplayedError(error), defined({ expose }));
  // Not enumerable: they hold the key, and whoever logs an error logs what it enumerates.
  return Object.defineProperty(replayed, "headers", { value: { ...headers, ...marks }, writable: true, configurable: true });
}

// What it throws is told as the event's reason.
function storedOf(response: HttpResponse, { keepHeaders, toStored }: Keeping): HttpResponse {
  const kept = { ...response, headers: keptHeaders(response.headers, keepHeaders), cookies: [] };
  if (toStored === undefined) return kept;
  let given: HttpResponse | undefined;
  try {
    const made = toStored(copied(kept));
    ignoreRejection(made); // a promise is no answer, whatever becomes of it
    if (isResponse(made)) given = { ...copied(made), headers: keptHeaders(lowerCased(made.headers), keepHeaders), cookies: [] };
  } catch (error) {
    throw new Error(`toStored threw ${kindOf(error)}`, { cause: error });
  }
  if (given === undefined) throw new Error("toStored gave no answer");
  return given;
}

function storedErrorOf(error: unknown, { keepHeaders }: Keeping): StoredError {
  const read = (name: string): unknown => attempted(() => (error as Readonly<Record<string, unknown>>)[name]);
  const [message, expose, headers] = ["message", "expose", "headers"].map(read);
  return {
    ...describeError(error),
    ...(typeof message === "string" && { message }), // whole: it may be the body of the answer
    ...(typeof expose === "boolean" && { expose }),
    ...defined({ headers: attempted(() => errorHeaders(headers, keepHeaders)) }),
  };
}

// Names as they are: an error handler lays them over its own.
function errorHeaders(headers: unknown, keepHeaders: ReadonlySet<string>): StoredError["headers"] {
  const kept = Object.entries(headers ?? {}).filter(([name, value]) => isSet(value) && isKept(name.toLowerCase(), keepHeaders));
  return kept.length === 0 ? undefined : Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** What of an error can be read; a getter may throw. */
function attempted<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function lowerCased(headers: HttpResponse["headers"]): HttpResponse["headers"] {
  const lists = noValues();
  for (const [name, values] of Object.entries(headers)) for (const value of values) append(lists, name.toLowerCase(), value);
  return lists;
}
