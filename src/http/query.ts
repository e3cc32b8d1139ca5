import type { FrontDoor, HttpEvent } from "./event.ts";
import { append, noValues, type Values } from "./values.ts";

export interface Query {
  /** Decoded. */
  readonly values: Values;
  /** The same text for the same query, whatever the order of its names. */
  readonly canonical: string;
}

/**
 * The query of a request, decoded: REST APIs hand it over so, the others as the URL has it. What cannot be decoded counts as
 * it stands, the whole query with it, so that it is taken for no other.
 */
export function queryOf(event: HttpEvent, frontDoor: FrontDoor): Query {
  const pairs = pairsOf(event, frontDoor);
  const values = noValues();
  try {
    for (const [name, value] of isDecoded(event, frontDoor) ? pairs : pairs.map(decodePair)) append(values, name, value);
    // Values of one name keep their order: to a handler the first, or the last, may be the one that counts.
    return { values, canonical: JSON.stringify(Object.entries(values).sort(byName)) };
  } catch {
    const raw = noValues();
    for (const [name, value] of pairs) append(raw, name, value);
    return { values: raw, canonical: `undecodable ${JSON.stringify(pairs)}` };
  }
}

function isDecoded(event: HttpEvent, frontDoor: FrontDoor): boolean {
  return frontDoor === "v1" || (frontDoor === "v2" && typeof event.rawQueryString !== "string");
}

function pairsOf(event: HttpEvent, frontDoor: FrontDoor): [name: string, value: string][] {
  if (frontDoor === "v2" && typeof event.rawQueryString === "string") {
    const parts = event.rawQueryString.split("&").filter((part) => part !== "");
    return parts.map((part) => {
      const at = part.indexOf("=");
      return at === -1 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
    });
  }
  // An empty list of values is none: normalizers of events put one beside the single values.
  const values = Object.entries(event.multiValueQueryStringParameters ?? {});
  const lists = values.length > 0 ? values : Object.entries(event.queryStringParameters ?? {});
  return lists.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one ?? "")]),
  );
}

function decodePair([name, value]: readonly [string, string]): [string, string] {
  return [decode(name), decode(value)];
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}
