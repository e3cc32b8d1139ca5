import { seeded } from "../random.ts";

/** The requests to the store at which an environment may die; a takeover counts as a claim. */
export type CrashCall = "claim" | "settle";

/** Where an environment dies: before a request reaches the store, or after it was decided and before the answer arrives. */
export interface Crash {
  readonly call: CrashCall;
  readonly when: "before" | "after";
  /** 1 for the first such request of the delivery. */
  readonly nth: number;
}

/** One delivery of an event. */
export interface Delivery {
  /** Its place in the list of events. */
  readonly event: number;
  /** To an environment of its own, else to one that is idle, where there is one. */
  readonly cold: boolean;
  readonly crash?: Crash | undefined;
}

/** Deliveries at the same time, each to another environment. */
export interface Wave {
  /** Have all leases lapsed since the wave before, and has a minute passed at least? */
  readonly lapsed: boolean;
  readonly deliveries: readonly Delivery[];
  /**
   * Whose request the store decides next, where several wait: a number for each such choice, modulo how many wait, in
   * the order of the deliveries. Where they end, it is the first: one delivery after the other.
   */
  readonly order: readonly number[];
}

export type Schedule = readonly Wave[];

/** How many requests of a kind an undisturbed delivery makes. */
export type CallCounts = Readonly<Record<CrashCall, number>>;

/** What a lapse takes at the least, milliseconds: a key that has the minute in it is another one then. */
export const lapseMs = 60_000;
const choicesPerWave = 12;
const thirdDelivery = 0.25;
const coldStart = 0.3;
const crash = 0.35;
const lapse = 0.5;
/** How many deliveries come at the same time; a number is as likely as it is often here. */
const waveSizes: readonly number[] = [1, 1, 2, 2, 3, 4];

/** A schedule from a seed: each event twice at least. `counts` has the requests of each event. */
export function scheduleOf(seed: number, counts: readonly CallCounts[]): Schedule {
  const random = seeded(seed);
  const below = (end: number): number => Math.floor(random() * end);

  function crashOf({ claim, settle }: CallCounts): Crash | undefined {
    const point = below((claim + settle) * 2);
    if (claim + settle === 0 || random() >= crash) return undefined;
    const request = Math.floor(point / 2);
    const when = point % 2 === 0 ? "before" : "after";
    return request < claim ? { call: "claim", when, nth: request + 1 } : { call: "settle", when, nth: request - claim + 1 };
  }

  const events = counts.flatMap((_, event) => Array.from({ length: random() < thirdDelivery ? 3 : 2 }, () => event));
  const queue = shuffled(events, below).map((event, i): Delivery => {
    return { event, cold: i === 0 || random() < coldStart, crash: crashOf(counts[event] ?? { claim: 0, settle: 0 }) };
  });
  const schedule: Wave[] = [];
  while (queue.length > 0) {
    const deliveries = queue.splice(0, waveSizes[below(waveSizes.length)]);
    schedule.push({ lapsed: random() < lapse, deliveries, order: Array.from({ length: choicesPerWave }, () => below(12)) });
  }
  return schedule;
}

/** One event, delivered once, undisturbed. */
export function alone(event: number): Schedule {
  return inTurn([event]);
}

/** Events one after the other, each delivered once, undisturbed. */
export function inTurn(events: readonly number[]): Schedule {
  return events.map((event) => ({ lapsed: false, deliveries: [{ event, cold: true }], order: [] }));
}

function shuffled<T>(items: readonly T[], below: (end: number) => number): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(below(left.length), 1));
}
