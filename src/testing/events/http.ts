import { type Check, fail, optional } from "../../core/check.ts";
import { listOf, named, text } from "../checks.ts";
import { base64Of, isBytes, momentCheck, textOf } from "./parts.ts";
import { digitsOf } from "../aws-forms.ts";

/** Headers or parameters of a query; a list for one that comes more than once. */
export type HttpFields = Readonly<Record<string, string | readonly string[]>>;

/** A request, as the client sends it. */
export interface HttpRequestOptions {
  /** Default: `POST`. */
  readonly method?: string | undefined;
  /** Without the query. Default: `/`. */
  readonly path?: string | undefined;
  /** Beside those that every request has; one of the same name replaces it. */
  readonly headers?: HttpFields | undefined;
  readonly query?: HttpFields | undefined;
  /** A text as it is; bytes, in Base64; everything else as JSON, with a content type that says so. Default, and null: none. */
  readonly body?: unknown;
  /** When it is received, epoch milliseconds. Default: the first of January 2026, UTC. */
  readonly atMs?: number | undefined;
}

/** The options, as checked. */
export interface CheckedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: HttpFields;
  readonly query: HttpFields;
  readonly body: unknown;
  readonly atMs: number;
}

export type ChecksOf<T> = { readonly [Name in keyof T]: Check<T[Name]> };

export const httpChecks: ChecksOf<CheckedRequest> = {
  method: optional(text, "POST"),
  path: optional(path, "/"),
  headers: optional(fields, {}),
  query: optional(fields, {}),
  body: (value) => value,
  atMs: momentCheck,
};

type Field = readonly [name: string, values: readonly string[]];

/** A request as a server receives it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Field[];
  readonly query: readonly Field[];
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
  readonly atMs: number;
  /** The same for the same request. */
  readonly digits: string;
}

export const sourceIp = "203.0.113.24";
export const userAgent = "lambda-once/testing";

export function receive(options: CheckedRequest, host: string): ReceivedRequest {
  const { method, path, atMs } = options;
  const body = options.body ?? undefined;
  const encoded = body === undefined ? undefined : isBytes(body) ? base64Of(body) : textOf(body, "body");
  const isJson = body !== undefined && !isBytes(body) && typeof body !== "string";
  const given = fieldsOf(options.headers);
  const query = fieldsOf(options.query);
  const digits = digitsOf(method, path, given, query, encoded, atMs);
  const usual: Field[] = [
    ["Host", [host]],
    ["User-Agent", [userAgent]],
    ["X-Amzn-Trace-Id", [`Root=1-${Math.floor(atMs / 1000).toString(16)}-${digits.slice(0, 24)}`]],
    ["X-Forwarded-For", [sourceIp]],
    ["X-Forwarded-Port", ["443"]],
    ["X-Forwarded-Proto", ["https"]],
    ...(isJson ? ([["Content-Type", ["application/json"]]] as const) : []),
  ];
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  const headers = [...usual.filter(([name]) => !names.has(name.toLowerCase())), ...given];
  return { method, path, headers, query, body: encoded, isBase64Encoded: isBytes(body), atMs, digits };
}

export function lowerCased(fields: readonly Field[]): readonly Field[] {
  return fields.map(([name, values]) => [name.toLowerCase(), values]);
}

/** Of a field that comes more than once, the last one counts. */
export function lastValues(fields: readonly Field[]): Record<string, string> {
  return Object.fromEntries(fields.map(([name, values]) => [name, values.at(-1) ?? ""]));
}

export function joinedValues(fields: readonly Field[]): Record<string, string> {
  return Object.fromEntries(fields.map(([name, values]) => [name, values.join(",")]));
}

export function allValues(fields: readonly Field[]): Record<string, string[]> {
  return Object.fromEntries(fields.map(([name, values]) => [name, [...values]]));
}

/** Names and values as a URL has them. */
export function urlEncoded(fields: readonly Field[]): readonly Field[] {
  return fields.map(([name, values]) => [encodeURIComponent(name), values.map(encodeURIComponent)]);
}

/** What a service says where there is nothing to tell. */
export function orNothing<T extends object, N>(members: T, nothing: N): T | N {
  return Object.keys(members).length === 0 ? nothing : members;
}

function fieldsOf(fields: HttpFields): readonly Field[] {
  return Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? [value] : value]);
}

function path(value: unknown, path: string): string {
  if (typeof value === "string" && value.startsWith("/") && !value.includes("?")) return value;
  throw fail(path, value, "give a path that begins with /, and its query as `query`");
}

function fields(value: unknown, path: string): HttpFields {
  const texts = listOf(text, "give a text, or a list of texts");
  return named<string | readonly string[]>(
    (field, at) => (typeof field === "string" ? field : texts(field, at)),
    "give an object of texts",
  )(value, path);
}
