import type { Call } from "../core/call.ts";
import type { Outcome } from "./outcome.ts";

/** Runs a key of a batch, or shares the outcome of its record that came first. */
export type OncePerKey = (call: Call, run: () => Promise<Outcome>) => Promise<Outcome>;

/**
 * For one batch: records with one key are one run with one outcome, without a request for the second. Where the second has
 * another payload, it comes after the first, so that the record refuses it.
 */
export function oncePerKey(): OncePerKey {
  const runs = new Map<string, Promise<Outcome>>();
  const last = new Map<string, Promise<Outcome>>();
  return async (call, run) => {
    const { keyHash } = call.id;
    const payload = `${keyHash} ${call.fingerprint}`;
    const shared = runs.get(payload);
    if (shared !== undefined) {
      const outcome = await shared;
      if (outcome.kind === "done") call.report({ type: "replayed", attempt: outcome.attempt, ageMs: 0 });
      return outcome;
    }
    const running = last.get(keyHash)?.then(run) ?? run();
    runs.set(payload, running);
    last.set(keyHash, running);
    return running;
  };
}
