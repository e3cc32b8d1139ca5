import { type Check, checkFields, checkStore, isObject, optional, wholeNumber } from "../core/check.ts";
import type { Clock } from "../core/clock.ts";
import { type Store, StoreFailure } from "../core/store.ts";
import { listOf, milliseconds, oneNamed } from "./checks.ts";
import { type Lifetime, newLifetime } from "./lifetime.ts";
import { realTime } from "./real-time.ts";

/** A call of a store. */
export type StoreCall = Exclude<keyof Store, "clock">;

const effects = ["lose-answer", "throttle", "unreachable", "crash-before", "crash-after"] as const;

/**
 * What a fault does to a call.
 *
 * | effect | the store | the caller |
 * |---|---|---|
 * | `lose-answer` | decides as ever | is told `unreachable`, maybe applied |
 * | `throttle` | is not asked | is told `throttled`, not applied |
 * | `unreachable` | is not asked | is told `unreachable`, maybe applied: it cannot know |
 * | `crash-before` | is not asked | is dead |
 * | `crash-after` | decides as ever | is dead |
 * | `{ delayMs }` | decides as ever | is told so `delayMs` later, by the store's clock, else in real time |
 *
 * A dead caller is a process that was killed: this call and every other call of this store object, also one that is
 * under way, never settle, and what the core waits for there never ends. Deliver again through another one.
 */
export type FaultEffect = (typeof effects)[number] | { readonly delayMs: number };

export interface Fault {
  readonly call: StoreCall;
  /** Which call of this name, from 1, in the order in which they were made. Default: every one. */
  readonly nth?: number | undefined;
  readonly does: FaultEffect;
}

type Request<T> = () => Promise<T>;

/**
 * A store that fails as planned, and otherwise does what `store` does. Several faults may meet one call: the first in
 * the plan is the nearest to the caller, so `[{ delayMs }, "crash-after"]` is never told, and of two that do not ask the
 * store, the first one counts. A fault whose call is never made strikes nobody: assert what it should have done.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for what is no store, and for a plan that names a call, a number or an
 * effect which does not exist; `path` says where: `plan[0].call`. Of a store without a clock also where timers were faked
 * before this module was loaded.
 * @example
 * const inner = memoryStore({ clock: testClock() });
 * const store = faultyStore(inner, [{ call: "settle", nth: 1, does: "lose-answer" }]);
 */
export function faultyStore(store: Store, plan: readonly Fault[]): Store {
  checkStore(store, "store");
  const faults = checkPlan(plan, "plan");
  const caller = lifetimeOf(store.clock);
  const asked = new Map<StoreCall, number>();

  function ask<T>(call: StoreCall, request: Request<T>): Promise<T> {
    const nth = (asked.get(call) ?? 0) + 1;
    asked.set(call, nth);
    const struck = faults
      .filter((fault) => fault.call === call && (fault.nth ?? nth) === nth)
      .reduceRight<Request<T>>((inner, { does }) => strike(does, call, inner, caller), request);
    return caller.await(struck);
  }

  // The arguments are handed on as they are: a store may go on from what it has begun for the same object.
  return {
    clock: caller.clock,
    claim: (request) => ask("claim", () => store.claim(request)),
    takeOver: (seen, request) => ask("takeOver", () => store.takeOver(seen, request)),
    settle: (claim, outcome) => ask("settle", () => store.settle(claim, outcome)),
    extend: (claim, leaseUntil) => ask("extend", () => store.extend(claim, leaseUntil)),
    read: (id) => ask("read", () => store.read(id)),
    result: (record) => ask("result", () => store.result(record)),
    release: (seen) => ask("release", () => store.release(seen)),
  };
}

function lifetimeOf(clock: Clock | undefined): Lifetime {
  if (clock !== undefined) return newLifetime(clock);
  const time = realTime();
  return newLifetime(time, time.stop);
}

function strike<T>(does: FaultEffect, call: StoreCall, request: Request<T>, caller: Lifetime): Request<T> {
  if (typeof does === "object") return () => delayed(request, () => caller.clock.sleep(does.delayMs));
  switch (does) {
    case "lose-answer":
      return async () => {
        await request().catch(() => {}); // whatever it was
        throw new StoreFailure("unreachable", `the answer to ${call} was lost, as planned`, { maybeApplied: true });
      };
    case "throttle":
      return () => Promise.reject(new StoreFailure("throttled", `${call} was throttled, as planned`, { maybeApplied: false }));
    case "unreachable":
      return () => Promise.reject(new StoreFailure("unreachable", `${call} found nobody, as planned`, { maybeApplied: true }));
    case "crash-before":
      return () => {
        caller.die();
        return new Promise(() => {});
      };
    case "crash-after":
      return () => request().finally(() => caller.die());
  }
}

async function delayed<T>(request: Request<T>, sleep: () => Promise<void>): Promise<T> {
  try {
    return await request();
  } finally {
    await sleep();
  }
}

const calls: Record<StoreCall, true> = { claim: true, takeOver: true, settle: true, extend: true, read: true, result: true, release: true };

const checks = {
  call: oneNamed(Object.keys(calls) as StoreCall[]),
  nth: optional(wholeNumber(1)),
  does: checkEffect,
} satisfies Record<keyof Fault, unknown>;

const checkPlan: Check<readonly Fault[]> = listOf(
  (fault, path) => checkFields(fault, path, checks),
  "give a list of faults, such as [{ call, nth, does }]",
);

function checkEffect(value: unknown, path: string): FaultEffect {
  if (isObject(value)) return checkFields(value, path, { delayMs: milliseconds });
  return oneNamed(effects, "{ delayMs }")(value, path);
}
