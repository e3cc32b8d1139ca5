import type { Store } from "../../src/core/store.ts";

/** A call of a store; or, on the wire alone, the write of one child item (`child`) and the read of all (`children`). */
export type CallName = Exclude<keyof Store, "clock"> | "child" | "children";

/**
 * What happens to one request.
 *
 * | answer | the store | the caller |
 * |---|---|---|
 * | (none) | decides as ever | gets the answer |
 * | `lost` | decides as ever | gets no answer |
 * | `unsent` | never hears of it | gets no answer |
 * | `throttled`, `conflict`, `denied` | refuses to decide | is told so |
 * | `unprocessed` | of a read of several items, answers the first half | is told which it left |
 */
export interface Fault {
  readonly answer?: "lost" | "unsent" | "throttled" | "conflict" | "denied" | "unprocessed";
  /** What others do, or how time passes, before the store decides … */
  readonly before?: () => Promise<unknown> | void;
  /** … and after it has, before the answer is there. */
  readonly after?: () => Promise<unknown> | void;
}

/** Faults by call, used up in order; a log of what was asked. */
export interface Faults {
  /** Plans the next requests of this call. */
  on(call: CallName, ...faults: Fault[]): void;
  /** Forgets what is planned of this call. */
  clear(call: CallName): void;
  /** Plans every request from now on. */
  always(fault: Fault): void;
  next(call: CallName): Fault;
  /** Every request that was sent, in order. */
  readonly log: readonly CallName[];
}

export function planFaults(): Faults {
  const planned = new Map<CallName, Fault[]>();
  const log: CallName[] = [];
  let fallback: Fault = {};
  return {
    on(call, ...faults) {
      planned.set(call, [...(planned.get(call) ?? []), ...faults]);
    },
    clear(call) {
      planned.delete(call);
    },
    always(fault) {
      fallback = fault;
    },
    next(call) {
      if (call !== "result") log.push(call); // a small result comes with its record, so it is no request
      return planned.get(call)?.shift() ?? fallback;
    },
    log,
  };
}
