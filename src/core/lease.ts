import { fail } from "./check.ts";
import { type Alarm, alarmAt, type Clock } from "./clock.ts";

/** How long others respect a lease after its end, for clocks that differ. Milliseconds. */
export const skewMarginMs = 1000;
/** The lease where nothing tells the time that is left. Milliseconds. */
export const guessedLeaseMs = 60_000;
/** The shortest lease that an option or `extendLease` may ask for. Milliseconds. */
export const minLeaseMs = 100;
/** The longest, ten years: more is a mistake, and would lock its key for good. Milliseconds. */
export const maxLeaseMs = 315_360_000_000;
/** The shortest lease that is taken from a context or an enclosing execution. Milliseconds. */
export const minMeasuredLeaseMs = 1000;

/** When the signal of a lease aborts, epoch milliseconds: early enough for the handler to stop in time. */
export function signalAt(leaseUntil: number, leaseMs: number): number {
  return leaseUntil - Math.min(1000, leaseMs / 5);
}

/** Must others respect this lease? Its owner works until `leaseUntil`, others wait for the margin as well. */
export function isLive(leaseUntil: number, now: number): boolean {
  return now < leaseUntil + skewMarginMs;
}

/** Epoch seconds, rounded up: an early expiry would let TTL delete a record that still counts. */
export function expiryAfter(fromMs: number, retentionSeconds: number): number {
  return Math.ceil(fromMs / 1000) + retentionSeconds;
}

/**
 * A lease that somebody asked for.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for what is no number from 100 to ten years.
 */
export function checkLeaseMs(value: unknown, path: string): number {
  if (typeof value === "number" && value >= minLeaseMs && value <= maxLeaseMs) return Math.ceil(value);
  throw fail(path, value, `give milliseconds from ${minLeaseMs} to ${maxLeaseMs}`);
}

/** A lease as its owner knows it: its signal aborts before it ends, and its timer stops with the run. */
export interface HeldLease extends Alarm {
  /** Epoch milliseconds. */
  until(): number;
  /** After an extension: the new end, and how much was asked for. */
  move(until: number, leaseMs: number): void;
}

export function holdLease(clock: Clock, until: number, leaseMs: number): HeldLease {
  let leaseUntil = until;
  let abortAt = signalAt(until, leaseMs);
  const alarm = alarmAt(clock, () => abortAt, "the lease of this execution ends");
  return {
    signal: alarm.signal,
    end: alarm.end,
    until: () => leaseUntil,
    move(newUntil, newLeaseMs) {
      if (newUntil <= leaseUntil) return; // the answer of a shorter extension, overtaken by a longer one's
      if (clock.now() >= abortAt) alarm.signal(); // it would have aborted: an extension that comes later does not undo that
      leaseUntil = newUntil;
      abortAt = signalAt(newUntil, newLeaseMs);
    },
  };
}
