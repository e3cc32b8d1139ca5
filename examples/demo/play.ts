import { setTimeout } from "node:timers/promises";
import type { IdempotencyEvent, Store } from "lambda-once";
import type { Played } from "./check.ts";
import type { DemoClock } from "./clock.ts";
import type { Scenario } from "./scenarios.ts";
import { openStage } from "./stage.ts";

const limitMs = 20_000;

/** Plays a scenario to its end or its limit. What goes wrong in it is told, not thrown: its counts still count. */
export async function play(scenario: Scenario, store: Store, clock: DemoClock, requestsSoFar: () => number): Promise<Played> {
  // Each begins at a full minute, so that its times can be read.
  clock.turn(60_000 - (clock.now() % 60_000));
  clock.meanwhile(async () => {});
  const stage = openStage(store, clock);
  const before = requestsSoFar();
  const trouble = await troubleOf(scenario.play(stage));
  const { told } = stage;
  return {
    scenario,
    trouble,
    deliveries: stage.deliveries(),
    runs: count(told, ["claimed", "taken_over", "unprotected"]),
    replays: count(told, ["replayed"]),
    refusals: count(told, ["in_progress", "mismatch", "unknown"]),
    requests: requestsSoFar() - before,
    effects: stage.shop.tally(),
    keyHashes: [...new Set(told.flatMap((event) => event.keyHash ?? []))],
  };
}

function count(told: readonly IdempotencyEvent[], types: readonly IdempotencyEvent["type"][]): number {
  return told.filter(({ type }) => types.includes(type)).length;
}

async function troubleOf(played: Promise<void>): Promise<string | undefined> {
  const ended = played.then(
    () => undefined,
    // The first line: what comes below is assert's comparison.
    (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n", 1)[0],
  );
  return Promise.race([ended, setTimeout(limitMs, `it did not end within ${limitMs / 1000} s`, { ref: false })]);
}
