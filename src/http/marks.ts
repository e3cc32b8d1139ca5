import { type FrontDoor, isLoadBalancer } from "./event.ts";
import { statusIn, structured } from "./response.ts";
import type { Fields } from "./values.ts";

/** Headers that say what became of a request, by lower-case names. */
export type Marks = Readonly<Record<string, string>>;

/** What only we say of an answer: a handler that passes on another API's answer does not say it of ours. */
const own: ReadonlySet<string> = new Set(["idempotency-original-request", "idempotency-status", "idempotent-replayed"]);

/** The request that made the answer: Lambda's id, where it is one that a header can say. */
export function originalRequest({ requestId }: { readonly requestId?: string } = {}): Marks {
  return requestId !== undefined && /^[!-~]+$/.test(requestId) ? { "idempotency-original-request": requestId } : {};
}

/**
 * A result with `marks` in place of its own headers of these names. Untouched where nothing could read it, and where they
 * alone make it too large to be sent: without marks it is an answer, with them an error.
 */
export function withMarks(result: unknown, frontDoor: FrontDoor, marks: Marks): unknown {
  try {
    const fields = structured(result, frontDoor);
    if (fields === undefined || statusIn(fields) === undefined) return result;
    const marked = marking(fields, frontDoor, marks);
    return isStillSent(marked, result, frontDoor) ? marked : result;
  } catch {
    return result;
  }
}

function marking(fields: Fields, frontDoor: FrontDoor, marks: Marks): Fields {
  const { headers, multiValueHeaders, ...rest } = fields;
  const lists = without(multiValueHeaders, marks);
  if (frontDoor === "albMulti") {
    const marked = Object.entries(marks).map(([name, value]): [string, unknown] => [name, [value]]);
    return {
      ...rest,
      ...(headers !== undefined && { headers }),
      multiValueHeaders: Object.fromEntries([...Object.entries(lists), ...marked]),
    };
  }
  return {
    ...rest,
    headers: { ...without(headers, marks), ...marks },
    ...(multiValueHeaders !== undefined && { multiValueHeaders: lists }),
  };
}

function without(headers: unknown, names: Marks): Fields {
  const entries = Object.entries((headers ?? {}) as Fields).filter(
    ([name]) => !Object.hasOwn(names, name.toLowerCase()) && !own.has(name.toLowerCase()),
  );
  return Object.fromEntries(entries);
}

/**
 * How much is sent, bytes of JSON: `surely`, as it is documented, and `perhaps`, as Lambda's own message and a binary megabyte
 * have it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
export const limits = { surely: 6_291_456, perhaps: 6_291_556 };
const loadBalancerLimits = { surely: 1_000_000, perhaps: 1_048_576 };

/** What JSON makes of a character at most, bytes: a control character is `\u0000`. */
const maxBytesOfCharacter = 6;
/** More than any front door takes. */
const maxBytesOfHeaders = 64 * 1024;

function isStillSent(marked: Fields, result: unknown, frontDoor: FrontDoor): boolean {
  const { surely, perhaps } = isLoadBalancer(frontDoor) ? loadBalancerLimits : limits;
  const { body } = marked;
  // Most are far below it, and need not be written to be told so.
  if (typeof body !== "string" || body.length * maxBytesOfCharacter + maxBytesOfHeaders < surely) return true;
  return bytesOf(marked) <= surely || bytesOf(result) > perhaps;
}

function bytesOf(result: unknown): number {
  return Buffer.byteLength(JSON.stringify(result));
}
