import { reportStoreError } from "./call.ts";
import { busy, type Delivery, type Step } from "./delivery.ts";
import type { StoredRecord } from "./record.ts";
import { ask } from "./retry.ts";
import { StoreFailure } from "./store.ts";
import { judge, type Verdict } from "./verdict.ts";
import { waitEnd, waitWhileBusy } from "./wait.ts";

type Foreign = Exclude<Verdict, { readonly kind: "mine" }>;

/** What a refusal leads to, once its record was judged to be another's. */
export async function consider(delivery: Delivery, record: StoredRecord, verdict: Foreign): Promise<Step> {
  delivery.lastSeen = record;
  const { call, newcomer } = delivery;
  // Nothing runs under a claim of our own that is judged here, since it has lapsed: it goes, unless its takeover is answered.
  if (record.owner === newcomer.owner)
    delivery.unstarted = { ...record, keyParts: call.keyParts, retentionSeconds: call.policy.retentionSeconds };
  switch (verdict.kind) {
    case "takeover":
      return { ...verdict, seen: record };
    case "replay":
    case "mismatch":
      return { ...verdict, record };
    case "unknown":
      return lookAgain(delivery);
    case "busy":
      return wait(delivery, record);
  }
}

// The refusal may be a stale picture: its run may have completed since, so nobody is told "unknown" on its word alone.
async function lookAgain(delivery: Delivery): Promise<Step> {
  const { call } = delivery;
  const askedAt = call.clock.now();
  const read = await ask(call, (store) => store.read(call.id));
  if (read instanceof StoreFailure) return readFailed(delivery, read);
  return considerFresh(delivery, read, askedAt);
}

async function wait(delivery: Delivery, record: StoredRecord): Promise<Step> {
  delivery.waitUntil ??= waitEnd(delivery.call);
  const woken = await waitWhileBusy(delivery.call, delivery.newcomer, record, delivery.waitUntil);
  if (woken.kind === "failed") return readFailed(delivery, woken.failure);
  if (woken.kind === "timeout") return busy(delivery.call, woken.record);
  return considerFresh(delivery, woken.record, woken.askedAt);
}

// A consistent read: what it says was so after it was asked for. `askedAt`: epoch milliseconds.
async function considerFresh(delivery: Delivery, record: StoredRecord | undefined, askedAt: number): Promise<Step> {
  if (record === undefined) return { kind: "claim" };
  const { newcomer, call } = delivery;
  const verdict = judge(record, newcomer, call.clock.now());
  // A lease that lapsed while the answer was on its way may have been extended, or its run have completed: then it is read
  // again. Each further read takes as long as a lease that its owner extends, so the invocation's end bounds them.
  if (verdict.kind === "unknown" && judge(record, newcomer, askedAt).kind === "unknown") return { kind: "unknown", record };
  // Our own claim, applied late: its answer was a refusal, so it is taken over rather than trusted.
  return consider(delivery, record, verdict.kind === "mine" ? { kind: "takeover", from: "lapsed" } : verdict);
}

function readFailed(delivery: Delivery, failure: StoreFailure): Step {
  reportStoreError(delivery.call, "read", failure);
  return { kind: "unavailable", failure };
}
