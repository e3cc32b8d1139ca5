import { type Amounts, rounded } from "./effects.ts";
import type { CallCounts } from "./schedule.ts";
import { isAnswered, type Made, type Played } from "./play.ts";

/** What one event does, delivered alone and undisturbed on an empty store, again and again until it is answered. */
export interface Baseline {
  readonly adds: Amounts;
  readonly answered: boolean;
  readonly calls: CallCounts;
  /** The names of its records. */
  readonly records: readonly string[];
}

/** What is wrong with what came of a schedule. */
export interface Finding {
  /** The first of what is wrong. */
  readonly kind: "effects" | "answers" | "unanswered";
  readonly lines: readonly string[];
}

/** Holds what a schedule did against what its events do alone. */
export function findingOf(
  baselines: readonly Baseline[],
  played: Played,
  { expected, added }: { readonly expected: Amounts; readonly added: Amounts },
): Finding | undefined {
  const deliveries = played.waves.flatMap((wave) => wave.deliveries);
  const wrong: Finding[] = [
    { kind: "effects", lines: wrongEffects(boundsOf(expected, baselines, played), added, unansweredAlone(baselines)) },
    { kind: "answers", lines: differentAnswers(deliveries) },
    { kind: "unanswered", lines: unanswered(baselines, played, deliveries) },
  ];
  const [first, ...others] = wrong.filter(({ lines }) => lines.length > 0);
  return first && { ...first, lines: [...first.lines, ...others.flatMap(({ lines }) => lines)] };
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

// What is expected may be more where an environment died after the work and before its record, and less where policy
// closed the key, so that nobody does what a dead environment has left undone.
function boundsOf(expected: Amounts, baselines: readonly Baseline[], played: Played): ReadonlyMap<string, Bounds> {
  const bounds = new Map<string, Bounds>([...expected].map(([label, amount]) => [label, { least: amount, most: amount }]));
  const deliveries = played.waves.flatMap((wave) => wave.deliveries);
  for (const event of eventsOf(deliveries)) {
    const repetitions = deliveries.filter((made) => made.event === event && made.mayRepeat).length;
    const isUndone = played.closed && !isAnswered(played.waves, event);
    for (const [label, amount] of baselines[event]?.adds ?? []) {
      const { least, most } = bounds.get(label) ?? { least: 0, most: 0 };
      const ends = [isUndone ? -amount : 0, amount * repetitions];
      bounds.set(label, { least: rounded(least + Math.min(...ends)), most: rounded(most + Math.max(...ends)) });
    }
  }
  return bounds;
}

// What is kept of such an event may be an error that was to pass: then nothing is expected of it.
function unansweredAlone(baselines: readonly Baseline[]): string {
  const events = baselines.flatMap(({ answered }, event) => (answered ? [] : [`events[${event}]`]));
  return events.length === 0 ? "" : `; alone, ${events.join(", ")} was never answered: does \`onError\` keep what is to be tried again?`;
}

function wrongEffects(bounds: ReadonlyMap<string, Bounds>, added: Amounts, hint: string): string[] {
  return [...new Set([...bounds.keys(), ...added.keys()])].flatMap((label) => {
    const { least, most } = bounds.get(label) ?? { least: 0, most: 0 };
    const came = added.get(label) ?? 0;
    if (came >= least && came <= most) return [];
    const alone = bounds.has(label) ? "" : `; no event does this when it is delivered alone, until it is answered${hint}`;
    return [`${label}: expected ${least === most ? least : `${least} to ${most}`}, came ${came}${alone}`];
  });
}

function differentAnswers(deliveries: readonly Made[]): string[] {
  return eventsOf(deliveries).flatMap((event) => {
    const answers = deliveries.filter((made) => made.event === event && made.ended.kind === "answered");
    const texts = [...new Set(answers.map(({ ended }) => ended.text))];
    return texts.length > 1 ? [`events[${event}] was answered ${texts.join(" and ")}`] : [];
  });
}

function unanswered(baselines: readonly Baseline[], played: Played, deliveries: readonly Made[]): string[] {
  if (played.closed) return [];
  return eventsOf(deliveries)
    .filter((event) => baselines[event]?.answered === true && !isAnswered(played.waves, event))
    .map((event) => `events[${event}] was never answered, though it was delivered again after all leases had lapsed`);
}

/** The events that were delivered. */
export function eventsOf(deliveries: readonly Pick<Made, "event">[]): number[] {
  return [...new Set(deliveries.map(({ event }) => event))].sort((a, b) => a - b);
}

/** What events add up to that share no key. */
export function sumOf(baselines: readonly Baseline[], events: readonly number[]): Amounts {
  const sum = new Map<string, number>();
  for (const event of events) for (const [label, amount] of baselines[event]?.adds ?? []) sum.set(label, (sum.get(label) ?? 0) + amount);
  return sum;
}
