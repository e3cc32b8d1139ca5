import { contextLeftMs } from "./context.ts";

/** How near the invocation's end an error may be a timeout that was given another name. Milliseconds. */
const timeoutMarginMs = 1000;

/** Is it the error with which Middy, 6 and 7 alike, answers for a handler that may still run? */
export function isEarlyTimeout(error: unknown): boolean {
  try {
    const { name, cause } = (error ?? {}) as { readonly name?: unknown; readonly cause?: { readonly package?: unknown } };
    return name === "TimeoutError" && cause?.package === "@middy/core";
  } catch {
    return false; // a getter that throws
  }
}

/**
 * Is so little left that an error may be an early timeout's, thrown by a `timeoutEarlyResponse` of somebody's own? Less
 * than a second, and than a tenth of what the handler had; a context whose numbers do not move never says so.
 */
export function isOutOfTime(context: unknown, leftAtCallMs: number | undefined): boolean {
  const left = contextLeftMs(context);
  if (left === undefined || leftAtCallMs === undefined || leftAtCallMs <= 0) return false;
  return left < Math.min(timeoutMarginMs, leftAtCallMs / 10);
}
