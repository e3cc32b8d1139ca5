// Where what is planned strikes, and what follows from it: which keys may have their effect again, and how often.
import type { Plan, Strike, Trouble } from "./plan.ts";

/** Why the effect of a key may come again, though its environment lived: its claim is left to lapse. */
export const notWritten = "its completion could not be written";

export interface Injector {
  /** Does it strike here? Then it is counted, and used up. */
  strikes(key: string, trouble: Trouble): boolean;
  count(strike: Strike): void;
  counts(): Readonly<Partial<Record<Strike, number>>>;
  /** The effect of a key may come once more, for this reason. */
  allow(key: string, why: string): void;
  allowed(key: string): readonly string[];
  effect(key: string): void;
  effects(key: string): number;
  /** What happened to a key, for whoever has to find out why. */
  note(key: string, what: string): void;
  timeline(key: string): readonly string[];
}

export function injectorOf(plan: Plan): Injector {
  const startedAt = Date.now();
  const left = new Map([...plan.keys.values()].map(({ key, troubles }) => [key, [...troubles]]));
  const counts: Partial<Record<Strike, number>> = {};
  const allowances = new Map<string, string[]>();
  const effects = new Map<string, number>();
  const notes = new Map<string, string[]>();

  const count = (strike: Strike): void => void (counts[strike] = (counts[strike] ?? 0) + 1);
  const note = (key: string, what: string): void => add(notes, key, `${((Date.now() - startedAt) / 1000).toFixed(3)} s  ${what}`);
  return {
    strikes(key, trouble) {
      const planned = left.get(key);
      if (planned?.[0] !== trouble) return false;
      planned.shift();
      count(trouble);
      note(key, `! ${trouble}`);
      return true;
    },
    count,
    counts: () => counts,
    allow(key, why) {
      add(allowances, key, why);
      note(key, `may come again: ${why}`);
    },
    allowed: (key) => allowances.get(key) ?? [],
    effect(key) {
      effects.set(key, (effects.get(key) ?? 0) + 1);
      note(key, "EFFECT");
    },
    effects: (key) => effects.get(key) ?? 0,
    note,
    timeline: (key) => notes.get(key) ?? [],
  };
}

function add(lists: Map<string, string[]>, key: string, entry: string): void {
  lists.set(key, [...(lists.get(key) ?? []), entry]);
}
