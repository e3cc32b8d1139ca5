import { maxLeaseMs } from "../core/lease.ts";

/** The part of Lambda's context that is looked at, in whichever argument it comes. */
export interface ContextLike {
  getRemainingTimeInMillis(): unknown;
  readonly awsRequestId?: unknown;
}

/** What a context says is left of its invocation, milliseconds, where it says so. */
export function contextLeftMs(context: unknown): number | undefined {
  try {
    const left = (context as Partial<ContextLike> | undefined)?.getRemainingTimeInMillis?.();
    return typeof left === "number" && left <= maxLeaseMs ? left : undefined;
  } catch {
    return undefined; // a made-up one often has this function and no answer in it
  }
}

/** Its request id. Lambda's has 36 characters; a made-up one of any length must not make the record too large. */
export function requestIdIn(context: ContextLike | undefined): string | undefined {
  return typeof context?.awsRequestId === "string" ? context.awsRequestId.slice(0, 256) : undefined;
}

/** Is this argument a context? */
export function isContext(value: unknown): value is ContextLike {
  return typeof (value as Partial<ContextLike> | null | undefined)?.getRemainingTimeInMillis === "function";
}
