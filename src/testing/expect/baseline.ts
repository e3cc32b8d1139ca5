import { describeError, IdempotencyError, type IdempotencyErrorCode } from "../../core/errors.ts";
import { addedBetween, type Amounts, amountsText, isElementOf, type Snapshot } from "./effects.ts";
import type { Ended } from "./ended.ts";
import { type Baseline, sumOf } from "./finding.ts";
import { isAnswered, type MadeWave, play, type Played, type Subject } from "./play.ts";
import { type Repeated, repeatedText } from "./report.ts";
import { alone, inTurn } from "./schedule.ts";
import { checkShared, sharedPairs } from "./shared.ts";

export interface Baselines {
  /** By event. */
  readonly alone: readonly Baseline[];
  /** What several events do: their sum, or, where events share keys, what they add one after the other on one store. */
  together(events: readonly number[]): Promise<Amounts>;
}

/** What effects are read from and emptied with. */
export interface Watch {
  snapshot(): Promise<Snapshot>;
  reset(): Promise<void>;
}

/** How often an event is delivered again that has no answer yet. */
export const redeliveries = 2;

/**
 * What each event does. Each is measured twice: effects that differ from time to time cannot be compared.
 *
 * @throws Error for an event that does again what a failed delivery of it has done; NeverSettled.
 * @throws IdempotencyError `CONFIG_INVALID` for effects that differ, that no event adds to, for events of which none is
 * answered, and for one that has no key of its own. The handler's own `CONFIG_INVALID`, `KEY_MISSING` or `KEY_INVALID`.
 */
export async function measure(subject: Subject, watch: Watch): Promise<Baselines> {
  const measured: Measured[] = [];
  for (const event of subject.events.keys()) measured.push(await measureOne(subject, watch, event));
  for (const [event, { adds }] of measured.entries()) {
    const again = await measureOne(subject, watch, event);
    if (amountsText(again.adds) !== amountsText(adds)) throw differs(event, adds, again.adds);
  }
  if (measured.every(({ answered }) => !answered)) throw nothingAnswered(measured[0]?.waves ?? []);
  if (measured.every(({ adds }) => adds.size === 0)) throw nothingToCompare(measured[0]?.waves ?? []);
  return { alone: measured, together: await togetherOf(subject, watch, measured) };
}

/** Plays a schedule, and tells what it added to the effects. */
export async function playWatched<T>(watch: Watch, run: () => Promise<T>): Promise<{ readonly played: T; readonly added: Amounts }> {
  await watch.reset();
  const before = await watch.snapshot();
  const played = await run();
  return { played, added: addedBetween(before, await watch.snapshot()) };
}

type Measured = Baseline & Pick<Played, "waves">;

/** What one of the deliveries came to. */
interface Step {
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** Does a record say that something is done, which was not done before? */
  readonly completes: boolean;
}

async function measureOne(subject: Subject, watch: Watch, event: number): Promise<Measured> {
  await watch.reset();
  const first = await watch.snapshot();
  const steps: Step[] = [];
  let completed = 0;
  const { waves, records } = await play(subject, alone(event), redeliveries, async (now) => {
    const before = steps.at(-1)?.after ?? first;
    steps.push({ before, after: await watch.snapshot(), completes: now > completed });
    completed = now;
  });
  for (const { ended } of waves.flatMap(({ deliveries }) => deliveries))
    if (isMistake(ended.refusal)) throw mistakeIn(event, ended.refusal);
  const repeated = repeatedIn(steps);
  if (repeated.length > 0) throw new Error(repeatedText(event, repeated, waves));
  const calls = waves[0]?.deliveries[0]?.calls ?? { claim: 0, settle: 0 };
  return { adds: addedBetween(first, steps.at(-1)?.after ?? first), answered: isAnswered(waves, event), calls, records, waves };
}

// A total may go on where a failed delivery has completed a part, such as one record of a batch; the same element may not.
function repeatedIn(steps: readonly Step[]): Repeated[] {
  const done = new Map<string, number>();
  const repeated = new Map<string, Repeated>();
  for (const { before, after, completes } of steps) {
    const adds = addedBetween(before, after);
    for (const [label, amount] of adds)
      if (amount * (done.get(label) ?? 0) > 0) repeated.set(label, { label, isElement: isElementOf(after, label) });
    for (const [label, amount] of adds) if (!completes || isElementOf(after, label)) done.set(label, amount);
  }
  return [...repeated.values()];
}

async function togetherOf(subject: Subject, watch: Watch, measured: readonly Baseline[]): Promise<Baselines["together"]> {
  const pairs = sharedPairs(measured);
  if (pairs.length === 0) return async (events) => sumOf(measured, events);
  const known = new Map<string, Amounts>();

  async function inOrder(events: readonly number[]): Promise<{ readonly played: Played; readonly added: Amounts }> {
    return playWatched(watch, () => play(subject, inTurn(events), redeliveries));
  }

  const all = [...measured.keys()];
  for (const pair of pairs) checkShared(measured, pair, await inOrder(all), await inOrder(all.toReversed()));
  return async (events) => {
    const name = events.join();
    const added = known.get(name) ?? (await inOrder(events)).added;
    known.set(name, added);
    return added;
  };
}

const mistakes: ReadonlySet<unknown> = new Set(["CONFIG_INVALID", "KEY_MISSING", "KEY_INVALID"] satisfies IdempotencyErrorCode[]);

/** Is the set-up or the event at fault, so that no delivery helps? Told by name: a test runner may load the package twice. */
function isMistake(refusal: unknown): refusal is IdempotencyError {
  const { name, code } = describeError(refusal);
  return name === "IdempotencyError" && mistakes.has(code);
}

function mistakeIn(event: number, cause: IdempotencyError): IdempotencyError {
  const message = `events[${event}], delivered alone and undisturbed: ${cause.message}`;
  return new IdempotencyError(cause.code, message, { path: cause.path, keyHash: cause.keyHash, cause });
}

function differs(event: number, first: Amounts, then: Amounts): IdempotencyError {
  const what = `events[${event}] on an empty store added ${amountsText(first)} at first and ${amountsText(then)} later`;
  const wayOut = [...then.keys()].some((label) => !first.has(label))
    ? "it adds something else each time; leave out of effects() what is random, tells the time, or belongs to one delivery, such as a request id"
    : "something outside of the store remembers earlier deliveries; make it in makeHandler if an environment has it, " +
      "or give a reset() that empties it if it outlives environments, as a provider that dedupes does";
  return new IdempotencyError("CONFIG_INVALID", `${what}: ${wayOut}`, { path: "effects" });
}

function nothingAnswered(waves: readonly MadeWave[]): IdempotencyError {
  const what = `no event is answered when it is delivered alone; events[0]: ${lastEnd(waves)}`;
  return new IdempotencyError("CONFIG_INVALID", `${what}: give one at least that is, since nothing would be proved`, { path: "events" });
}

function nothingToCompare(waves: readonly MadeWave[]): IdempotencyError {
  const what = `effects() is the same after each event as before; events[0]: ${lastEnd(waves)}`;
  return new IdempotencyError("CONFIG_INVALID", `${what}: let it answer with what the handler does, and give events that do it`, {
    path: "effects",
  });
}

function lastEnd(waves: readonly MadeWave[]): string {
  const { kind, text, kept = [] }: Ended = waves.at(-1)?.deliveries[0]?.ended ?? { kind: "answered", text: "nothing" };
  // A handler of batches logs why it refuses a message.
  return `${kind} ${text}${kept.length > 0 ? " (console.error is muted here: call the handler yourself to read what it logs)" : ""}`;
}
