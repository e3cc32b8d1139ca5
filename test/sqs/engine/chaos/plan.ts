// What will happen to each key of a chaos run: a function of the seed.
import { seeded } from "../../../../src/testing/random.ts";

/** What goes wrong on the way of a key, each once; those that end a delivery before the work is done come first. */
export const troubles = [
  "handler throws",
  "killed before the claim",
  "claim unanswered",
  "claim answer lost",
  "killed after the claim",
  "visibility lapse",
  "killed in a lapse",
  "killed after the effect",
  "completion not written",
  "completion answer lost",
  "killed after the completion",
  "batch answer lost",
] as const;
export type Trouble = (typeof troubles)[number];

/** What is counted beside them. */
export type Strike = Trouble | "delete lost" | "duplicate" | "out of order" | "poison";
export const strikes: readonly Strike[] = [...troubles, "delete lost", "duplicate", "out of order", "poison"];

export interface Sending {
  readonly key: string;
  /** In the order of sending. */
  readonly place: number;
  readonly delaySeconds: number;
}

export interface KeyPlan {
  readonly key: string;
  /** It is refused at each delivery, and goes to the dead-letter queue. */
  readonly isPoison: boolean;
  readonly troubles: readonly Trouble[];
}

export interface Plan {
  readonly keys: ReadonlyMap<string, KeyPlan>;
  readonly sendings: readonly Sending[];
}

/** How many of a hundred keys are sent twice, and poison. */
const duplicatePart = 0.25;
const poisonPart = 0.08;
/** How many troubles are drawn for a key. */
const mostTroubles = 3;

/** `messages` messages: of some keys two, the second of them soon after the first, or much later. */
export function planOf(seed: number, messages: number): Plan {
  const random = seeded(seed);
  const keys = new Map<string, KeyPlan>();
  const drawn: { key: string; at: number; delaySeconds: number }[] = [];
  while (drawn.length < messages) {
    const key = `key-${keys.size + 1}`;
    const isPoison = random() < poisonPart;
    keys.set(key, { key, isPoison, troubles: isPoison ? [] : someTroubles(random) });
    const at = drawn.length;
    drawn.push({ key, at, delaySeconds: delay(random) });
    if (random() < duplicatePart && drawn.length < messages) drawn.push({ key, at: at + random() * 200, delaySeconds: delay(random) });
  }
  const sendings = drawn.sort((a, b) => a.at - b.at).map(({ key, delaySeconds }, place) => ({ key, place, delaySeconds }));
  return { keys, sendings };
}

function someTroubles(random: () => number): Trouble[] {
  const count = Math.floor(random() * (mostTroubles + 1));
  const drawn = new Set(Array.from({ length: count }, () => troubles[Math.floor(random() * troubles.length)]));
  return troubles.filter((trouble) => drawn.has(trouble));
}

function delay(random: () => number): number {
  return random() < 0.7 ? 0 : Math.floor(random() * 4);
}
