import { IdempotencyError } from "../../core/errors.ts";
import { addedBetween, type Amounts, amountsText, type Snapshot } from "./effects.ts";
import { isAnswered, play, type Subject } from "./play.ts";
import { alone, type CallCounts, type Schedule } from "./schedule.ts";

/** What one event does, delivered alone and undisturbed on an empty store. */
export interface Baseline {
  readonly adds: Amounts;
  readonly answered: boolean;
  /** It is never answered, and each delivery adds to the effects again: its error releases the key. */
  readonly repeats: boolean;
  readonly calls: CallCounts;
}

/** What effects are read from and emptied with. */
export interface Watch {
  snapshot(): Promise<Snapshot>;
  reset(): Promise<void>;
}

/** How often an event is delivered again that has no answer yet. */
export const redeliveries = 2;

/**
 * What each event does. Each is measured twice: effects that remember an earlier delivery cannot be compared.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for effects that differ, that no event adds to, and for events that share a
 * key; NeverSettled.
 */
export async function measure(subject: Subject, watch: Watch): Promise<readonly Baseline[]> {
  const baselines: Baseline[] = [];
  const owners = new Map<string, number>();
  for (const event of subject.events.keys()) {
    const { records, ...baseline } = await measureOne(subject, watch, event);
    for (const record of records) if (owners.get(record) !== undefined) throw sharedKey(owners.get(record) ?? 0, event);
    for (const record of records) owners.set(record, event);
    baselines.push(baseline);
  }
  for (const [event, { adds }] of baselines.entries()) {
    const again = await measureOne(subject, watch, event);
    if (amountsText(again.adds) !== amountsText(adds)) throw remembers(event, adds, again.adds);
  }
  if (baselines.every(({ adds }) => adds.size === 0)) throw await nothingToCompare(subject);
  return baselines;
}

/** Plays a schedule, and tells what it added to the effects. */
export async function playWatched<T>(watch: Watch, run: () => Promise<T>): Promise<{ readonly played: T; readonly added: Amounts }> {
  await watch.reset();
  const before = await watch.snapshot();
  const played = await run();
  return { played, added: addedBetween(before, await watch.snapshot()) };
}

async function measureOne(subject: Subject, watch: Watch, event: number): Promise<Baseline & { readonly records: readonly string[] }> {
  const run = (schedule: Schedule, again: number) => playWatched(watch, () => play(subject, schedule, again));
  const { played, added } = await run(alone(event), redeliveries);
  const { records, waves } = played;
  const calls = waves[0]?.deliveries[0]?.calls ?? { claim: 0, settle: 0 };
  if (isAnswered(waves, event)) return { adds: added, answered: true, repeats: false, calls, records };
  const once = await run(alone(event), 0);
  return { adds: once.added, answered: false, repeats: amountsText(once.added) !== amountsText(added), calls, records };
}

function sharedKey(first: number, second: number): IdempotencyError {
  const path = `events[${second}]`;
  const wayOut = "its key must tell them apart; each event is delivered twice and more anyway, so give it once";
  return new IdempotencyError("CONFIG_INVALID", `${path} claims a key that events[${first}] claims: ${wayOut}`, { path });
}

function remembers(event: number, first: Amounts, then: Amounts): IdempotencyError {
  const what = `events[${event}] on an empty store added ${amountsText(first)} at first and ${amountsText(then)} later`;
  const wayOut =
    "something outside of the store remembers earlier deliveries; make it in makeHandler if an environment has it, " +
    "or give a reset() that empties it if it outlives environments, as a provider that dedupes does";
  return new IdempotencyError("CONFIG_INVALID", `${what}: ${wayOut}`, { path: "effects" });
}

async function nothingToCompare(subject: Subject): Promise<IdempotencyError> {
  const { waves } = await play(subject, alone(0), 0);
  const { kind, text } = waves[0]?.deliveries[0]?.ended ?? { kind: "answered", text: "nothing" };
  const what = `effects() is the same after each event as before; events[0]: ${kind} ${text}`;
  return new IdempotencyError("CONFIG_INVALID", `${what}: let it answer with what the handler does, and give events that do it`, {
    path: "effects",
  });
}
