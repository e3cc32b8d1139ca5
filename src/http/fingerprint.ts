import { sha256 } from "../core/key.ts";
import { trimmed } from "./key-header.ts";
import { canonicalText } from "./lossless.ts";
import type { HttpRequest } from "./request.ts";

/** What of a request belongs to its key, as one text; the core hashes it. `path` and `query`: as they are compared. */
export function payloadOf(
  { method, headers, body }: Pick<HttpRequest, "method" | "headers" | "body">,
  { path, query }: { readonly path: string; readonly query: string },
  headerNames: readonly string[],
): string {
  const chosen = headerNames.map((name) => [name, fieldOf(headers, name) ?? null]);
  return JSON.stringify([method, path, query, ...contentOf(headers, body), chosen]);
}

/**
 * A JSON body is its canonical form, where that says all that the body says: the order of members, spaces, `1.0` for `1` and
 * parameters of the type make no difference. Anything else is its bytes, with its whole content type and coding.
 */
function contentOf(headers: HttpRequest["headers"], body: Uint8Array): readonly (string | undefined)[] {
  const type = fieldOf(headers, "content-type");
  const coding = fieldOf(headers, "content-encoding");
  const jsonType = type === undefined || coding !== undefined ? undefined : jsonTypeOf(type);
  const json = jsonType === undefined ? undefined : canonicalText(textOf(body));
  return json === undefined ? ["bytes", type, coding, sha256(body)] : ["json", jsonType, sha256(json)];
}

/** The media type, where it is JSON in UTF-8. RFC 8259 section 8.1 knows no other encoding, but clients say what they like. */
function jsonTypeOf(contentType: string): string | undefined {
  const [type = "", ...parameters] = contentType.toLowerCase().split(";");
  const isJson = /^application\/(?:json|[^\s,/]+\+json)$/.test(type.trim());
  const isUtf8 = parameters.every((parameter) => !/^charset\b/.test(parameter.trim()) || /^charset="?utf-?8"?$/.test(parameter.trim()));
  return isJson && isUtf8 ? type.trim() : undefined;
}

// A byte order mark stays, and is no JSON; what is no UTF-8 is no text.
function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return "";
  }
}

// Front doors join what comes more than once, or do not.
function fieldOf(headers: HttpRequest["headers"], name: string): string | undefined {
  return headers[name]?.map((value) => trimmed(value)).join(",");
}
