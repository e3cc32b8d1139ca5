import { IdempotencyError } from "../../core/errors.ts";
import type { Baseline } from "./finding.ts";
import { type Amounts, amountsText } from "./effects.ts";
import { isAnswered, type Played } from "./play.ts";

/** Two events that claim the same record. */
export interface SharedPair {
  readonly first: number;
  readonly second: number;
  /** Its name. */
  readonly record: string;
}

/**
 * The events that share a key, as those do whose handlers have an inner operation in common, and batches that overlap.
 *
 * @throws IdempotencyError `CONFIG_INVALID` where one of two claims nothing but what the other claims, too.
 */
export function sharedPairs(baselines: readonly Baseline[]): readonly SharedPair[] {
  const pairs: SharedPair[] = [];
  for (const [second, { records }] of baselines.entries()) {
    for (const [first, { records: others }] of baselines.slice(0, second).entries()) {
      const common = records.filter((record) => others.includes(record));
      const [record] = common;
      if (record === undefined) continue;
      const pair = { first, second, record };
      if (common.length === Math.min(records.length, others.length)) {
        throw sharedKey(pair, "its key must tell them apart; each event is delivered twice and more anyway, so give it once");
      }
      pairs.push(pair);
    }
  }
  return pairs;
}

interface Watched {
  readonly played: Played;
  readonly added: Amounts;
}

/**
 * Events that share a key must do the same together in either order, or nothing can be compared.
 *
 * @throws IdempotencyError `CONFIG_INVALID` where they do not.
 */
export function checkShared(baselines: readonly Baseline[], pair: SharedPair, forwards: Watched, backwards: Watched): void {
  for (const { played } of [forwards, backwards]) {
    for (const [event, { answered }] of baselines.entries()) {
      if (answered && !isAnswered(played.waves, event)) throw sharedKey(pair, `events[${event}] is not answered where both came; ${inner}`);
    }
  }
  const [first, then] = [amountsText(forwards.added), amountsText(backwards.added)];
  if (first !== then) throw sharedKey(pair, `what they do depends on their order, ${first} or ${then}; ${inner}`);
}

const inner = "an inner operation that events share must do the same for each of them, any other key must tell them apart";

function sharedKey({ first, second, record }: SharedPair, wayOut: string): IdempotencyError {
  const path = `events[${second}]`;
  const [operation, keyHash] = [record.slice(0, record.lastIndexOf("#")), record.slice(record.lastIndexOf("#") + 1)];
  const what = `${path} claims a key that events[${first}] claims, of operation "${operation}" (key hash ${keyHash})`;
  return new IdempotencyError("CONFIG_INVALID", `${what}: ${wayOut}`, { path });
}
