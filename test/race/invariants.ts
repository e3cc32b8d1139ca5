// What must hold in every schedule, told from outside: from what the table holds, from when handlers start, and from the
// answers. None of it asks the core what it thinks.
import type { StoredRecord } from "../../src/core/record.ts";
import type { Answer, Delivery, DeliveryWatcher } from "./delivery.ts";
import { answersIn, isOld } from "./answers.ts";
import { endsIn } from "./ends.ts";
import { openHistory } from "./history.ts";
import { recordRules } from "./records.ts";
import type { Scenario } from "./scenario.ts";
import type { SimulatedInvariant, Violation } from "./violation.ts";
import type { Sender, Watcher } from "./world.ts";

export interface Invariants extends Watcher, DeliveryWatcher {
  readonly violation: Violation | undefined;
  violate(invariant: SimulatedInvariant, detail: string): void;
  /** The table held this from the start. */
  found(record: StoredRecord): void;
}

export function watchInvariants(scenario: Scenario, deliveries: readonly Delivery[], now: () => number): Invariants {
  const { withinMargin, onLeaseExpired, onError } = scenario;
  const history = openHistory(now);
  let violation: Violation | undefined;

  function violate(invariant: SimulatedInvariant, detail: string): void {
    violation ??= { invariant, detail };
  }

  const checkOwn = recordRules(scenario, now, violate);
  const ends = endsIn(history, scenario);

  function byOwner(owner: string): Delivery | undefined {
    return deliveries.find((delivery) => delivery.owner === owner);
  }

  // Every write of a record, by what was there before.
  function wrote(sender: Sender, before: StoredRecord | undefined, after: StoredRecord | undefined, sentAt: number): void {
    if (after === undefined || before === after || same(before, after)) return;
    history.remember(after);
    const by = sender as Delivery;
    const time = now() + by.skewMs;
    if (after.owner === by.owner) checkOwn({ by, before, after, sentAt });
    if (after.encoding === "lost" && !ends.arePartsTriedAgain(by)) violate("an end is tried again", `parts of ${by.name}'s result`);
    if (before === undefined) return;
    const expired = time >= before.expiresAt * 1000;
    const takesOver = after.status === "in_progress" && after.owner === by.owner && after.attempt === before.attempt + 1;
    if (after.attempt < before.attempt) violate("attempts go up", `from ${before.attempt} to ${after.attempt}`);
    if (before.owner === by.owner && before.status === "in_progress") {
      if (!takesOver && after.leaseUntil < before.leaseUntil) violate("a lease never moves back", `${by.name}'s`);
      return;
    }
    if (!takesOver) return violate("only the owner writes", `${by.name} wrote over ${describe(before)}`);
    if (expired) return checkLive(before, by);
    if (before.status === "completed") return violate("no kept outcome is lost", `${by.name} took it over`);
    if (before.status === "held") return violate("no kept outcome is lost", `${by.name} took it over`);
    if (before.status === "failed" && !isOld(before, by)) violate("no kept outcome is lost", `${by.name} took it over`);
    if (before.fingerprint !== after.fingerprint) violate("other payloads are told so", by.name);
    if (before.status === "in_progress" && onLeaseExpired === "throw") violate("a lapsed run stays closed under throw", by.name);
    checkLive(before, by);
  }

  function checkLive(before: StoredRecord, by: Delivery): void {
    if (before.status !== "in_progress" || !withinMargin) return;
    const ownersTime = now() + (byOwner(before.owner)?.skewMs ?? 0);
    if (ownersTime < before.leaseUntil) violate("one run per lease", `${by.name} took over ${describe(before)}, whose lease is live`);
  }

  // Whoever is answered without a run leaves no claim behind, as far as it can: a claim that is on its way still arrives.
  function checkLeft(by: Delivery, answer: Answer): void {
    const { owner, run, sent, troubles, troublesBefore, name } = by;
    const last = history.last();
    const isThere = by.hasSeenOwn && last?.owner === owner && last.status === "in_progress";
    const isClaim = /^(claim|takeover)/.test(sent.at(-1) ?? "");
    const isUnknown =
      isClaim &&
      "code" in answer &&
      answer.code === "STORE_UNAVAILABLE" &&
      troubles.slice(troublesBefore).some(({ how }) => how === "lost");
    if (run === undefined && (isUnknown || (isThere && !sent.includes("end as released"))))
      violate("nothing stays stuck", `${name} leaves its claim behind`);
  }

  function started(delivery: Delivery, isAborted: boolean): void {
    const { name, owner, skewMs, run } = delivery;
    if (run === undefined) return;
    if (run.attempt === 0) return checkUnclaimed(delivery);
    if (isWaiter(delivery) && now() >= delivery.startedAt + scenario.leaseMs) violate("a run has time left", `${name} had waited`);
    if (isAborted || now() + skewMs >= history.leaseUntil(owner, run.attempt)) violate("a run has time left", name);
    if (!withinMargin) {
      const isBeside = deliveries.some(
        (other) => other !== delivery && !other.dead && other.run !== undefined && other.run.ended === undefined,
      );
      if (isBeside) delivery.events.push("runs beside another");
      return;
    }
    const there = history.last();
    if (there?.owner !== owner || there.status !== "in_progress" || there.attempt !== run.attempt)
      violate("one run per lease", `${name} runs, the table holds ${describe(there)}`);
    for (const other of deliveries)
      if (other !== delivery && !isOver(other)) violate("one run per lease", `${name} runs beside ${other.name}`);
  }

  // Where the store could not be reached, never for load, and before anything was known of the key.
  function checkUnclaimed({ name, troubles, hasSeen }: Delivery): void {
    const hows = troubles.flatMap(({ purpose, how }) => (purpose === "claim" ? [how] : []));
    const isUnreachable =
      hows.some((how) => how === "lost" || how === "unsent") && !hows.some((how) => how === "throttled" || how === "conflict");
    if (scenario.onStoreUnavailable !== "run" || !isUnreachable || hasSeen) violate("runs without a claim are asked for", name);
  }

  /** Has it waited? Under other policies it may also have read for another reason. */
  function isWaiter({ reads }: Delivery): boolean {
    return scenario.waitMs > 0 && scenario.hasDeadline && onLeaseExpired === "run" && onError !== "hold" && reads > 0;
  }

  function worksOn({ name, owner, skewMs, run }: Delivery, isAborted: boolean): void {
    if (run === undefined || run.attempt === 0 || isAborted) return;
    if (now() + skewMs >= history.leaseUntil(owner, run.attempt)) violate("a run is told to stop in time", name);
  }

  /** May another run start, as far as this one goes? What has ended in the table is checked when it is written over. */
  function isOver({ run, owner, skewMs }: Delivery): boolean {
    if (run === undefined || run.attempt === 0) return true;
    if (run.ended === "threw" && onError === "release") return true;
    if (run.ended !== undefined && history.of(owner).some(({ status }) => status !== "in_progress")) return true;
    return now() + skewMs >= history.leaseUntil(owner, run.attempt);
  }

  function extended({ name, owner, run }: Delivery, until: number): void {
    const isThere = history.of(owner).some((record) => record.status === "in_progress" && record.leaseUntil >= until);
    if (run?.attempt !== 0 && !isThere) violate("a run has time left", `${name} was told of an extension that is not there`);
  }

  function kept({ name, owner }: Delivery, status: StoredRecord["status"]): void {
    if (!history.of(owner).some((record) => record.status === status))
      violate("a record says how its run ended", `${name} says that it is ${status}, and no record does`);
  }

  // Under other policies it also reads for another reason, and behind the back of a wait where another write was in the way.
  function reads({ name, firstReadAt = now(), troubles }: Delivery): void {
    const waitsOnly = onLeaseExpired === "run" && onError !== "hold";
    const wasInTheWay = troubles.some(({ purpose, how }) => purpose === "read" && how === "conflict");
    if (waitsOnly && !wasInTheWay && now() > firstReadAt + scenario.waitMs) violate("a wait ends in time", name);
  }

  const answers = answersIn(history, scenario, byOwner);

  function answered(delivery: Delivery, answer: Answer): void {
    const { run, sent, name } = delivery;
    if (run !== undefined && !sent.some((text) => text.startsWith("end as"))) violate("the end of a run is sent", name);
    checkLeft(delivery, answer);
    if (!ends.isTriedAgain(delivery)) violate("an end is tried again", name);
    if ("value" in answer) {
      if (!answers.isKept(delivery, answer.value)) violate("equal answers", `${delivery.name} answers ${String(answer.value)}`);
    } else if (!answers.isRight(delivery, answer.code))
      violate("every refusal is so", `${delivery.name}: ${answer.code}: ${answer.message}`);
  }

  function lost(delivery: Delivery): void {
    if (!answers.isLost(delivery)) violate("an owner is not told that it lost", delivery.name);
  }

  return {
    get violation() {
      return violation;
    },
    violate,
    found: history.remember,
    wrote,
    removed: () => history.remember(undefined),
    started,
    worksOn,
    extended,
    kept,
    reads,
    lost,
    answered,
  };
}

function same(a: StoredRecord | undefined, b: StoredRecord | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function describe(record: StoredRecord | undefined): string {
  return record === undefined ? "nothing" : `${record.owner}'s record, ${record.status}`;
}
