import { checkFields, optional, theFunction, wholeNumber } from "../../core/check.ts";
import { IdempotencyError, messageOf } from "../../core/errors.ts";
import { listOf } from "../checks.ts";
import { inPatience, nextTurn, patienceMs } from "../real-time.ts";
import { type Baselines, measure, playWatched, redeliveries, type Watch } from "./baseline.ts";
import { snapshotOf } from "./effects.ts";
import type { MakeHandler } from "./environment.ts";
import { eventsOf, type Finding, findingOf } from "./finding.ts";
import { type MadeWave, NeverSettled, play, type Subject } from "./play.ts";
import { quietly } from "./quiet.ts";
import { findingText, wavesText } from "./report.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";
import { simplest } from "./shrink.ts";

export type { Handler, MakeHandler } from "./environment.ts";

/** What to deliver, and what to watch. */
export interface ExpectIdempotentOptions {
  /** What the handler is given; each delivery gets a copy of its own. Each event has a key of its own; others it may share. */
  readonly events: readonly unknown[];
  /**
   * What the handler has done so far, or a promise of it: numbers, which are compared by their difference; lists and Sets
   * by the elements added, in any order; objects and Maps member by member. Nothing has to be emptied in between.
   */
  effects(): unknown;
  /**
   * Called before each schedule; may answer with a promise. For what outlives environments and remembers deliveries, such
   * as a fake provider that dedupes: nothing else could make it forget an earlier schedule.
   */
  reset?(): unknown;
  /** How many schedules to play. From 1 to 1,000,000. Default: 200. */
  readonly schedules?: number | undefined;
  /** The seed of the first schedule; each further one has the next number. From 0 to 2^31 - 1. Default: 1, so that a test is not flaky. */
  readonly seed?: number | undefined;
}

/**
 * Checks that a handler is idempotent: plays schedules of its events, each on an empty store and a clock of its own, and
 * compares what they added to the effects with what each event adds alone.
 *
 * In a schedule each event is delivered twice or more, shuffled, to several environments, one after the other and at the
 * same time. Environments die: before a claim or a settlement reaches the store, or after the store has decided it. An event
 * without an answer is delivered again, after all leases have lapsed. Events of SQS, API Gateway and load balancers differ
 * from delivery to delivery as their sources make them, others are equal copies.
 *
 * | must hold | but |
 * |---|---|
 * | an event's effects come once, over all its deliveries | once more for each environment that died after the work began and before its record |
 * | an event is answered in the end | not one that is never answered alone, or whose key policy has closed |
 * | all answers to an event are the same JSON | of answers with a `statusCode`, only status, body and cookies count |
 *
 * `console.error` is muted meanwhile.
 *
 * @param makeHandler Called for each cold start, with the store that the handler has to use. What a real environment keeps
 * in its memory is made in it.
 * @throws Error with the shortest schedule found that breaks one of these, and for a handler that does not settle.
 * @throws IdempotencyError `CONFIG_INVALID` for a wrong option, effects that cannot be compared, events of which none is
 * answered alone or one has no key of its own, records that expire within a schedule, and a `makeHandler` that gives no handler.
 * An event that the handler refuses, delivered alone, with `CONFIG_INVALID`, `KEY_MISSING` or `KEY_INVALID`: that code.
 * @example
 * const charges: string[] = [];
 * await expectIdempotent(({ store }) => makeCharge({ store, charge: (id) => charges.push(id) }), {
 *   events: [{ orderId: "order-1" }, { orderId: "order-2" }],
 *   effects: () => charges,
 * });
 */
export async function expectIdempotent(makeHandler: MakeHandler, options: ExpectIdempotentOptions): Promise<void> {
  theFunction(makeHandler, "makeHandler");
  const { events, schedules, seed } = checkOptions(options);
  const watch = watchOf(options);
  const subject: Subject = { makeHandler, events, deliveries: 0 };
  try {
    await quietly(async () => {
      const baselines = await measure(subject, watch);
      for (let nth = seed; nth < seed + schedules; nth++) await tryOut(subject, watch, baselines, nth);
    });
  } catch (error) {
    throw error instanceof NeverSettled ? neverSettled(error) : error;
  }
}

const maxSchedules = 1_000_000;
/** Seeds are numbers of 32 bits. */
const maxSeed = 2 ** 31 - 1;
const someEvents = "give a list of one event or more";
const theEvents = listOf(copyable, someEvents);

function checkEvents(value: unknown, path: string): readonly unknown[] {
  const events = theEvents(value, path);
  if (events.length === 0) throw new IdempotencyError("CONFIG_INVALID", `${path} is empty: ${someEvents}`, { path });
  return events;
}

function copyable(event: unknown, path: string): unknown {
  try {
    structuredClone(event);
    return event;
  } catch (cause) {
    const message = `${path} cannot be copied for each delivery (${messageOf(cause)}): give plain data, as Lambda does`;
    throw new IdempotencyError("CONFIG_INVALID", message, { path, cause });
  }
}

function checkOptions(options: ExpectIdempotentOptions): { events: readonly unknown[]; schedules: number; seed: number } {
  return checkFields(options, "options", {
    events: checkEvents,
    effects: theFunction,
    reset: optional(theFunction),
    schedules: optional(wholeNumber(1, maxSchedules), 200),
    seed: optional(wholeNumber(0, maxSeed), 1),
  });
}

function watchOf(options: ExpectIdempotentOptions): Watch {
  return {
    snapshot: async () => snapshotOf(await asked("effects", () => options.effects())),
    reset: async () => void (await asked("reset", () => options.reset?.())),
  };
}

async function asked(path: "effects" | "reset", call: () => unknown): Promise<unknown> {
  await nextTurn(); // what a handler has left to be done without waiting is done
  try {
    return await inPatience(Promise.resolve(call()), () => {
      throw new Error(`it did not settle within ${patienceMs} ms`);
    });
  } catch (cause) {
    throw new IdempotencyError("CONFIG_INVALID", `${path}() failed: ${messageOf(cause)}`, { path, cause });
  }
}

/** A finding, and the deliveries that show it. */
interface Failed {
  readonly finding: Finding;
  readonly waves: readonly MadeWave[];
}

async function tryOut(subject: Subject, watch: Watch, baselines: Baselines, seed: number): Promise<void> {
  async function failing(schedule: Schedule): Promise<Failed | undefined> {
    const { played, added } = await playWatched(watch, () => play(subject, schedule, redeliveries));
    const expected = await baselines.together(eventsOf(schedule.flatMap(({ deliveries }) => deliveries)));
    const finding = findingOf(baselines.alone, played, { expected, added });
    return finding && { finding, waves: played.waves };
  }

  const schedule = scheduleOf(
    seed,
    baselines.alone.map(({ calls }) => calls),
  );
  const failed = await failing(schedule);
  if (failed === undefined) return;
  const { finding, waves } = await simplest(failed, schedule, async (candidate) => {
    const again = await failing(candidate).catch(() => undefined);
    return again?.finding.kind === failed.finding.kind ? again : undefined;
  });
  throw new Error(findingText(finding, waves, seed));
}

function neverSettled({ message, waves }: NeverSettled): Error {
  const before = waves.length === 0 ? "" : `\nBefore that:\n${wavesText(waves)}`;
  return new Error(`${message}${before}`);
}
