import { realMs } from "../real-time.ts";
import type { Delivery, Schedule, Wave } from "./schedule.ts";

/** Long enough to end nearly always; the failure must be told within the time of one test. Real milliseconds. */
const budgetMs = 1000;

/** The simplest schedule for which `fails` still answers, found step by step, with that answer. */
export async function simplest<T>(failed: T, schedule: Schedule, fails: (schedule: Schedule) => Promise<T | undefined>): Promise<T> {
  const end = realMs() + budgetMs;
  let best = { schedule, failed };
  for (let better: typeof best | undefined = best; better !== undefined;) {
    best = better;
    better = undefined;
    for (const candidate of simpler(best.schedule)) {
      if (realMs() > end) break;
      const failed = await fails(candidate);
      if (failed === undefined) continue;
      better = { schedule: candidate, failed };
      break;
    }
  }
  return best.failed;
}

/** Schedules that are one step simpler, the greatest steps first. */
export function* simpler(schedule: Schedule): Generator<Schedule> {
  for (const i of schedule.keys()) if (schedule.length > 1) yield schedule.toSpliced(i, 1);
  for (const [i, wave] of schedule.entries()) {
    for (const j of wave.deliveries.keys())
      if (wave.deliveries.length > 1) yield schedule.with(i, { ...wave, deliveries: wave.deliveries.toSpliced(j, 1) });
  }
  yield* eachDelivery(schedule, (delivery) => delivery.crash !== undefined && { ...delivery, crash: undefined });
  yield* deliveredAgain(schedule);
  for (const [i, wave] of schedule.entries()) if (wave.deliveries.length > 1) yield schedule.toSpliced(i, 1, ...oneByOne(wave));
  for (const [i, wave] of schedule.entries()) for (const order of simplerOrders(wave.order)) yield schedule.with(i, { ...wave, order });
  yield* eachDelivery(schedule, (delivery) => delivery.cold && { ...delivery, cold: false });
  for (const [i, wave] of schedule.entries()) if (wave.lapsed) yield schedule.with(i, { ...wave, lapsed: false });
  yield* withoutTwo(schedule);
}

// Of two deliveries that do the same for a failure, such as two deaths at a claim, either alone may be needed, and both not.
function* withoutTwo(schedule: Schedule): Generator<Schedule> {
  const all = schedule.flatMap(({ deliveries }) => deliveries);
  if (all.length < 3) return;
  for (const [at, one] of all.entries()) {
    for (const other of all.slice(at + 1)) {
      const left = schedule.map((wave) => ({
        ...wave,
        deliveries: wave.deliveries.filter((delivery) => delivery !== one && delivery !== other),
      }));
      yield left.filter(({ deliveries }) => deliveries.length > 0);
    }
  }
}

function* eachDelivery(schedule: Schedule, change: (delivery: Delivery) => Delivery | false): Generator<Schedule> {
  for (const [i, wave] of schedule.entries()) {
    for (const [j, delivery] of wave.deliveries.entries()) {
      const changed = change(delivery);
      if (changed !== false) yield schedule.with(i, { ...wave, deliveries: wave.deliveries.with(j, changed) });
    }
  }
}

// Twice in good health is simpler than a death and what follows from it.
function* deliveredAgain(schedule: Schedule): Generator<Schedule> {
  for (const healthy of eachDelivery(schedule, (delivery) => delivery.crash !== undefined && { ...delivery, crash: undefined })) {
    const i = healthy.findIndex((wave, at) => wave !== schedule[at]);
    const again = healthy[i]?.deliveries.filter(({ crash }, j) => crash !== schedule[i]?.deliveries[j]?.crash) ?? [];
    yield healthy.toSpliced(i + 1, 0, { lapsed: false, deliveries: again, order: [] });
  }
}

function oneByOne({ lapsed, deliveries }: Wave): Wave[] {
  return deliveries.map((delivery, i) => ({ lapsed: lapsed && i === 0, deliveries: [delivery], order: [] }));
}

function* simplerOrders(order: readonly number[]): Generator<readonly number[]> {
  if (order.length > 0) yield [];
  if (order.length > 1) yield order.slice(0, Math.ceil(order.length / 2));
  for (const [i, choice] of order.entries()) if (choice !== 0) yield order.with(i, 0);
}
