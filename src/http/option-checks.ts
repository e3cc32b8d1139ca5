import { type Check, checkFields, fail, matching, object, optional, theFunction, wholeNumber } from "../core/check.ts";
import { isDenied, isKept } from "./kept-headers.ts";
import type { KeyFormat } from "./key-header.ts";
import { type ProblemCode, problems } from "./problem.ts";

/** RFC 9110 section 9.2.1 calls them safe; there is nothing to protect, and a preflight must stay what it is. */
const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/** What many requests share, or is a secret of its own. */
const saysSomethingElse: ReadonlySet<string> = new Set(
  `accept accept-charset accept-encoding accept-language access-token api-key cdn-loop cf-connecting-ip client-ip
  content-encoding content-language content-type csrf-token dnt early-data expect fastly-client-ip forwarded from host
  if-match if-modified-since if-none-match if-range if-unmodified-since max-forwards ocp-apim-subscription-key origin pragma
  prefer priority range referer save-data server signature true-client-ip upgrade-insecure-requests user-agent via
  x-client-ip x-cluster-client-ip x-goog-api-key x-http-method x-http-method-override x-real-ip x-requested-with`.split(/\s+/),
);
const saysSomethingElsePrefixes = ["sec-", "x-forwarded-"];

/** RFC 9110 section 5.6.2. */
const token = /^[!#$%&'*+.^_`|~A-Za-z0-9-]+$/;
const methodName = matching(token, "give the name of a method, such as PUT");
const headerToken = matching(token, "give the name of a header");

export function decided(wayOut: string): Check<undefined> {
  return (value, path) => {
    if (value !== undefined) throw fail(path, value, wayOut);
  };
}

export function listOf(item: Check<string>): Check<readonly string[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw fail(path, value, "give a list of texts");
    return value.map((one, i) => item(one, `${path}[${i}]`));
  };
}

export function scope(value: unknown, path: string): "caller" | "global" | ((...args: unknown[]) => unknown) {
  if (value === undefined) return "caller";
  if (value === "caller" || value === "global") return value;
  if (typeof value !== "function") throw fail(path, value, 'give "caller", "global", or a function that gives a tenant');
  return theFunction(value, path);
}

export function methods(value: unknown, path: string): readonly string[] {
  const given = listOf(method)(value, path);
  if (given.length === 0) throw fail(path, value, "nothing would be protected: name a method, or give `enabled: false`");
  return given;
}

function method(value: unknown, path: string): string {
  const name = methodName(value, path).toUpperCase();
  if (["ANY", "ALL", "*", "$DEFAULT"].includes(name))
    throw fail(path, value, 'no request has this method: name each, as in ["POST", "PUT"]');
  if (safeMethods.has(name)) throw fail(path, value, "a safe method has nothing to protect: GET, HEAD, OPTIONS and TRACE always pass");
  return name;
}

export function headerName(value: unknown, path: string): string {
  return headerToken(value, path).toLowerCase();
}

export function keyHeader(value: unknown, path: string): string {
  const name = headerName(value, path);
  // Its value goes back to the client, in place of what the answer says by that name; an id of a trace, which `X-Request-Id` may be, is one's own to use.
  const isTaken = saysSomethingElse.has(name) || saysSomethingElsePrefixes.some((prefix) => name.startsWith(prefix));
  if (isTaken || isKept(name, new Set()) || (isDenied(name) && !/^x-(?:request|correlation)-id$/.test(name)))
    throw fail(path, value, "give a header of its own for the key");
  return name;
}

export function keptName(value: unknown, path: string): string {
  const name = headerName(value, path);
  if (name === "cache-control") throw fail(path, value, "a replay always says no-store");
  if (isDenied(name)) throw fail(path, value, "it belongs to one answer only: a replay must not have it");
  return name;
}

export function keyFormat(value: unknown, path: string): KeyFormat {
  if (value === undefined) return "any";
  if (value === "any" || value === "uuid") return value;
  const { source, flags } = (value ?? {}) as Partial<RegExp>;
  const isPattern = Object.prototype.toString.call(value) === "[object RegExp]" && typeof source === "string" && typeof flags === "string";
  if (!isPattern) throw fail(path, value, 'give "any", "uuid", or a regular expression');
  // Those two remember where they were; the second one begins at the beginning.
  return new RegExp(flags.includes("y") ? `^(?:${source})` : source, flags.replace(/[gy]/g, ""));
}

export function statusCodes(value: unknown, path: string): Partial<Record<ProblemCode, number>> {
  const checks = Object.keys(problems).map((code) => [code, optional(wholeNumber(400, 599))] as const);
  const wayOut = "give an object of codes and statuses";
  if (Array.isArray(value)) throw fail(path, value, wayOut);
  return checkFields(value === undefined ? {} : object(wayOut)(value, path), path, Object.fromEntries(checks));
}

export function docsUrl(value: unknown, path: string): string {
  if (typeof value === "string" && /^https?:\/\/[\x21-\x7e]+$/.test(value) && !/[<>"#]/.test(value) && URL.canParse(value)) return value;
  throw fail(path, value, "give an http or https URL without a fragment");
}
