import { type Amounts, rounded } from "./effects.ts";
import type { Baseline } from "./baseline.ts";
import { isAnswered, type Made, type Played } from "./play.ts";

/** What is wrong with what came of a schedule. */
export interface Finding {
  /** The first of what is wrong. */
  readonly kind: "effects" | "answers" | "unanswered";
  readonly lines: readonly string[];
}

/** Holds what a schedule did against what its events do alone. */
export function findingOf(baselines: readonly Baseline[], played: Played, added: Amounts): Finding | undefined {
  const deliveries = played.waves.flatMap((wave) => wave.deliveries);
  const wrong: Finding[] = [
    { kind: "effects", lines: wrongEffects(boundsOf(baselines, played, deliveries), added) },
    { kind: "answers", lines: differentAnswers(deliveries) },
    { kind: "unanswered", lines: unanswered(baselines, played, deliveries) },
  ];
  const [first, ...others] = wrong.filter(({ lines }) => lines.length > 0);
  return first && { ...first, lines: [...first.lines, ...others.flatMap(({ lines }) => lines)] };
}

interface Bounds {
  least: number;
  most: number;
}

// The sum over the events. One may be more where an environment died after the work and before its record, and less where
// policy closed the key, so that nobody does what a dead environment has left undone.
function boundsOf(baselines: readonly Baseline[], played: Played, deliveries: readonly Made[]): ReadonlyMap<string, Bounds> {
  const bounds = new Map<string, Bounds>();
  for (const event of eventsOf(deliveries)) {
    const { adds = new Map<string, number>(), repeats = false } = baselines[event] ?? {};
    const own = deliveries.filter((made) => made.event === event);
    const repetitions = repeats ? own.length - 1 : own.filter(({ mayRepeat }) => mayRepeat).length;
    const undone = played.closed && !isAnswered(played.waves, event);
    for (const [label, amount] of adds) {
      const ends = [undone ? 0 : amount, amount * (1 + repetitions)];
      const sum = bounds.get(label) ?? { least: 0, most: 0 };
      bounds.set(label, { least: rounded(sum.least + Math.min(...ends)), most: rounded(sum.most + Math.max(...ends)) });
    }
  }
  return bounds;
}

function wrongEffects(bounds: ReadonlyMap<string, Bounds>, added: Amounts): string[] {
  return [...new Set([...bounds.keys(), ...added.keys()])].flatMap((label) => {
    const { least, most } = bounds.get(label) ?? { least: 0, most: 0 };
    const came = added.get(label) ?? 0;
    if (came >= least && came <= most) return [];
    return [`${label}: expected ${least === most ? least : `${least} to ${most}`}, came ${came}`];
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

function eventsOf(deliveries: readonly Made[]): number[] {
  return [...new Set(deliveries.map(({ event }) => event))].sort((a, b) => a - b);
}
