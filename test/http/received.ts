// What a client gets of a Lambda function's result.

/** A result, with the members that one front door or another reads. */
export interface Result {
  statusCode: number;
  statusDescription?: string;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  cookies?: string[];
  body: string;
  isBase64Encoded: boolean;
}

export interface Received {
  readonly status: number;
  /** By lower-case names, without `set-cookie`. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Each `Set-Cookie`. */
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** Which members a front door reads of a result. */
export interface Reads {
  readonly singles?: boolean;
  readonly lists?: boolean;
  readonly cookies?: boolean;
  /** Is a value that is no text a 502? */
  readonly strict?: boolean;
}

/** @throws Error where the front door would answer 502. */
export function received(result: unknown, reads: Reads): Received {
  const { statusCode, body = "", isBase64Encoded = false, ...rest } = (result ?? {}) as Partial<Result>;
  if (!Number.isInteger(statusCode)) throw new Error(`502: no status in ${JSON.stringify(result)}`);
  if (typeof body !== "string") throw new Error(`502: the body is no text in ${JSON.stringify(result)}`);
  const { "set-cookie": fields = [], ...headers } = headersOf(rest, reads);
  const cookies = [...fields, ...(reads.cookies === true ? (rest.cookies ?? []) : [])];
  return { status: statusCode as number, headers, cookies, body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8") };
}

// A REST API merges both; the same pair in both is one.
function headersOf({ headers = {}, multiValueHeaders = {} }: Partial<Result>, reads: Reads): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const [name, values] of Object.entries(reads.lists === true ? multiValueHeaders : {})) {
    for (const value of values) (all[name.toLowerCase()] ??= []).push(textOf(name, value, reads));
  }
  for (const [name, value] of Object.entries(reads.singles === true ? headers : {})) {
    const text = textOf(name, value, reads);
    if (all[name.toLowerCase()]?.includes(text) !== true) (all[name.toLowerCase()] ??= []).push(text);
  }
  return all;
}

function textOf(name: string, value: unknown, { strict = false }: Reads): string {
  if (typeof value === "string") return value;
  if (!strict && (typeof value === "number" || typeof value === "boolean")) return String(value);
  throw new Error(`502: the header ${name} is no text`);
}

/** Fields as one text each, as front doors without lists have them. */
export function joined(headers: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(", ")]));
}

/** Headers without those that we put on answers: a fresh one and its replay have the others. */
export function ownHeaders<Value>(headers: Readonly<Record<string, Value>>): Record<string, Value> {
  const marks = /^(?:idempotency-|idempotent-|cache-control$)/;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !marks.test(name)));
}
