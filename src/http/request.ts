import { type FrontDoor, frontDoorOf, type HttpEvent } from "./event.ts";
import { type Target, targetOf } from "./path.ts";
import { queryOf } from "./query.ts";
import { append, noValues, type Values } from "./values.ts";

/** A request, in one shape for all front doors. */
export interface HttpRequest<Event = unknown> {
  /** In capitals. */
  readonly method: string;
  /** Without the stage, as the front door hands it over. */
  readonly path: string;
  /** The template of the route, as `/orders/{id}`, where the front door names one that is no catch-all; else the path. */
  readonly route: string;
  /** Decoded; a name that comes more than once has several values. */
  readonly query: Record<string, string[]>;
  /** By lower-case names. Where a front door joins repeated fields with commas, they are one value. */
  readonly headers: Record<string, string[]>;
  /** Out of Base64 where it came in it. */
  readonly body: Uint8Array;
  readonly event: Event;
}

/** What a request says before its body is looked at. */
export interface Head {
  readonly frontDoor: FrontDoor;
  readonly method: string;
  readonly headers: Values;
}

export type RequestBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "parsed" }
  | { readonly kind: "invalid" }
  | { readonly kind: "too_large" };

/** @throws IdempotencyError `CONFIG_INVALID` for an event that is no HTTP request. */
export function headOf(event: HttpEvent): Head {
  const frontDoor = frontDoorOf(event);
  const method = String(event.requestContext?.http?.["method"] ?? event.httpMethod).toUpperCase();
  return { frontDoor, method, headers: headersOf(event) };
}

/** A request as functions of the user's get it, and what of it is compared. */
export interface Told<Event> {
  readonly request: HttpRequest<Event>;
  readonly target: Target;
  readonly query: string;
}

export function requestOf<Event>(event: Event, { frontDoor, method, headers }: Head, body: Uint8Array): Told<Event> {
  const target = targetOf(event as HttpEvent, frontDoor);
  const { path, template = path } = target;
  const { values, canonical } = queryOf(event as HttpEvent, frontDoor);
  return { request: { method, path, route: template, query: values, headers, body, event }, target, query: canonical };
}

/**
 * The bytes of a body. Not of one that a parser has been at, of what is no Base64 though it says so, and of a text that UTF-8
 * has no form for; what is above the limit is not decoded.
 */
export function bodyOf({ body, isBase64Encoded }: HttpEvent, maxBytes: number): RequestBody {
  if (body === undefined || body === null) return { kind: "bytes", bytes: new Uint8Array() };
  if (typeof body !== "string") return { kind: "parsed" };
  if (isBase64Encoded !== true) {
    if (Buffer.byteLength(body) > maxBytes) return { kind: "too_large" };
    return body.isWellFormed() ? { kind: "bytes", bytes: Buffer.from(body) } : { kind: "invalid" };
  }
  if (Buffer.byteLength(body, "base64") > maxBytes) return { kind: "too_large" };
  const bytes = Buffer.from(body, "base64");
  // Node skips what is no Base64. Two texts of the same bytes are one body, so only the one that AWS writes is taken.
  return bytes.toString("base64") === body ? { kind: "bytes", bytes } : { kind: "invalid" };
}

function headersOf({ headers, multiValueHeaders, cookies }: HttpEvent): Values {
  const values = noValues();
  for (const [name, list] of Object.entries(multiValueHeaders ?? {})) appendTexts(values, name.toLowerCase(), list);
  const lists = new Set(Object.keys(values));
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (!lists.has(name.toLowerCase())) appendTexts(values, name.toLowerCase(), value);
  }
  if (Array.isArray(cookies) && cookies.length > 0) appendTexts(values, "cookie", cookies.join("; "));
  return values;
}

function appendTexts(values: Values, name: string, given: unknown): void {
  for (const value of Array.isArray(given) ? given : [given]) {
    if (typeof value === "string") append(values, name, value);
  }
}
