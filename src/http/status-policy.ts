import { ignoreRejection } from "../core/errors.ts";
import type { ErrorPolicy } from "../core/options.ts";

/** What becomes of a key by the status of its answer; undefined: an error that names none. */
export type StatusPolicy = (status: number | undefined) => ErrorPolicy;

/** Of 4xx: who asks may be allowed next time, or the time was the wrong one. */
const passing: ReadonlySet<number> = new Set([401, 403, 407, 408, 409, 423, 424, 425, 429]);

export function statusPolicy(keepStatus: ((status: number) => unknown) | undefined, onServerError: ErrorPolicy): StatusPolicy {
  return (status) => {
    if (status === undefined) return onServerError;
    if (asked(keepStatus, status) ?? isKeptByDefault(status)) return "keep";
    return status >= 500 ? onServerError : "release";
  };
}

// A function that throws, or says neither yes nor no, must not decide over work that is done.
function asked(keepStatus: ((status: number) => unknown) | undefined, status: number): boolean | undefined {
  try {
    const answer = keepStatus?.(status);
    ignoreRejection(answer);
    return typeof answer === "boolean" ? answer : undefined;
  } catch {
    return undefined;
  }
}

function isKeptByDefault(status: number): boolean {
  return status >= 200 && status < 500 && !passing.has(status);
}
