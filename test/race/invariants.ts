// What must hold in every schedule, told from outside: from what the table holds, from when handlers start, and from the
// answers. None of it asks the core what it thinks.
import type { StoredRecord } from "../../src/core/record.ts";
import type { Answer, Delivery, DeliveryWatcher } from "./delivery.ts";
import type { Scenario } from "./scenario.ts";
import type { Sender, Watcher } from "./world.ts";

/** A rule that does not hold, and how it shows. */
export interface Violation {
  readonly invariant: string;
  readonly detail: string;
}

export interface Invariants extends Watcher, DeliveryWatcher {
  readonly violation: Violation | undefined;
  violate(invariant: string, detail: string): void;
  /** The table held this from the start. */
  found(record: StoredRecord): void;
}

/** What the table held for the key, and for how long. */
interface Moment {
  readonly record: StoredRecord | undefined;
  readonly from: number;
  until: number;
}

const marginMs = 1000;

export function watchInvariants(scenario: Scenario, deliveries: readonly Delivery[], now: () => number): Invariants {
  const { withinMargin, onLeaseExpired, onError } = scenario;
  const history: Moment[] = [{ record: undefined, from: now(), until: Number.POSITIVE_INFINITY }];
  /** The last end of each run's lease that the table took, by `nameOfRun`. */
  const leases = new Map<string, number>();
  let violation: Violation | undefined;

  function violate(invariant: string, detail: string): void {
    violation ??= { invariant, detail };
  }

  function remember(record: StoredRecord | undefined): void {
    const last = history.at(-1);
    if (last !== undefined) last.until = now();
    history.push({ record, from: now(), until: Number.POSITIVE_INFINITY });
    if (record?.status === "in_progress") {
      const run = nameOfRun(record);
      leases.set(run, Math.max(leases.get(run) ?? 0, record.leaseUntil));
    }
  }

  function byOwner(owner: string): Delivery | undefined {
    return deliveries.find((delivery) => delivery.owner === owner);
  }

  /** Did the table hold such a record at a moment of this delivery? */
  function held(delivery: Delivery, such: (record: StoredRecord, moment: Moment) => boolean): boolean {
    return history.some(
      ({ record, from, until }) =>
        until >= delivery.startedAt &&
        record !== undefined &&
        such(record, { record, from: Math.max(from, delivery.startedAt), until: Math.min(until, now()) }),
    );
  }

  // Every write of a record, by what was there before.
  function wrote(sender: Sender, before: StoredRecord | undefined, after: StoredRecord | undefined): void {
    if (after === undefined || before === after || same(before, after)) return;
    remember(after);
    const by = sender as Delivery;
    const time = now() + by.skewMs;
    checkEnding(by, after);
    if (before === undefined) return;
    const expired = time >= before.expiresAt * 1000;
    const takesOver = after.status === "in_progress" && after.owner === by.owner && after.attempt === before.attempt + 1;
    if (after.attempt < before.attempt) violate("attempts never go down", `from ${before.attempt} to ${after.attempt}`);
    if (before.owner === by.owner && before.status === "in_progress") {
      if (!takesOver && after.leaseUntil < before.leaseUntil) violate("a lease never moves back", `${by.name}'s`);
      return;
    }
    if (!takesOver) return violate("no write of a non-owner lands", `${by.name} wrote over ${describe(before)}`);
    if (expired) return checkLive(before, by);
    if (before.status === "completed") return violate("a kept completion is never lost", `${by.name} took it over`);
    if (before.status === "held") return violate("a held key stays closed", `${by.name} took it over`);
    if (before.status === "failed" && !isOld(before, by)) violate("a kept error is never lost", `${by.name} took it over`);
    if (before.fingerprint !== after.fingerprint) violate("another payload never runs under a key", by.name);
    if (before.status === "in_progress" && onLeaseExpired === "throw") violate('a lapsed run stays closed under "throw"', by.name);
    checkLive(before, by);
  }

  function checkLive(before: StoredRecord, by: Delivery): void {
    if (before.status !== "in_progress" || !withinMargin) return;
    const ownersTime = now() + (byOwner(before.owner)?.skewMs ?? 0);
    if (ownersTime < before.leaseUntil)
      violate("at most one run per lease", `${by.name} took over ${describe(before)}, whose lease is live`);
  }

  function checkEnding(by: Delivery, after: StoredRecord): void {
    const ended = by.run?.ended;
    if (after.owner !== by.owner || after.status === "in_progress") return;
    const fits = after.status === "completed" ? ended === "returned" : after.status === "released" ? mayRelease(by) : ended === "threw";
    if (!fits) violate("a record says how its run ended", `${by.name} ${ended ?? "has not ended"}, the record says ${after.status}`);
  }

  function mayRelease(by: Delivery): boolean {
    return by.run === undefined || by.run.ended === "threw";
  }

  function started(delivery: Delivery): void {
    const attempt = delivery.run?.attempt ?? 0;
    if (attempt === 0) return; // unprotected, as its policy says
    const record = history.findLast((moment) => moment.record?.owner === delivery.owner)?.record;
    const { leaseUntil = 0, startedAt = 0 } = record ?? {};
    const time = now() + delivery.skewMs;
    if (time >= leaseUntil - Math.min(1000, (leaseUntil - startedAt) / 5))
      violate("a run starts only while its signal has not fired", delivery.name);
    if (!withinMargin) return;
    const there = history.at(-1)?.record;
    if (there?.owner !== delivery.owner || there.status !== "in_progress" || there.attempt !== attempt)
      violate("a run starts only under its own claim", `${delivery.name} runs, the table holds ${describe(there)}`);
    for (const other of deliveries)
      if (other !== delivery && !isOver(other)) violate("at most one run per lease", `${delivery.name} runs beside ${other.name}`);
  }

  /** May another run start, as far as this one goes? What has ended in the table is checked when it is written over. */
  function isOver({ run, owner, skewMs }: Delivery): boolean {
    if (run === undefined || run.attempt === 0) return true;
    if (run.ended === "threw" && onError === "release") return true;
    if (run.ended !== undefined && history.some(({ record }) => record?.owner === owner && record.status !== "in_progress")) return true;
    return now() + skewMs >= (leases.get(`${owner} ${run.attempt}`) ?? 0);
  }

  function answered(delivery: Delivery, answer: Answer): void {
    if ("value" in answer) valueAnswered(delivery, answer.value);
    else if (!isRight(delivery, answer.code)) violate(`${answer.code} is answered where it is so`, `${delivery.name}: ${answer.message}`);
  }

  function valueAnswered(delivery: Delivery, value: unknown): void {
    const { run, events, name } = delivery;
    if (run?.attempt === 0) return;
    const failed = events.includes("store_error settle");
    if (run !== undefined && value === delivery.value) {
      if (!failed && !history.some(({ record }) => record?.owner === delivery.owner && record.status === "completed"))
        violate("every answer is the kept one", `${name} gives its own, which is not kept`);
      return;
    }
    const kept = held(delivery, (record, { from }) => {
      const isFresh = from + delivery.skewMs < record.expiresAt * 1000;
      return record.status === "completed" && isFresh && byOwner(record.owner)?.value === value && isSamePayload(record, delivery);
    });
    if (!kept) violate("every answer is the kept one", `${name} answers ${String(value)}`);
  }

  function isRight(delivery: Delivery, code: string): boolean {
    const { owner, skewMs, run } = delivery;
    const timeAt = (moment: number): number => moment + skewMs;
    switch (code) {
      case "IN_PROGRESS":
        return held(delivery, (record, { from }) => {
          const isLive = timeAt(from) < record.leaseUntil + marginMs;
          return record.status === "in_progress" && record.owner !== owner && isLive && isSamePayload(record, delivery);
        });
      case "KEY_REUSED":
        return held(delivery, (record) => !isSamePayload(record, delivery));
      case "OUTCOME_UNKNOWN":
        return held(delivery, (record, { from, until }) => {
          if (record.status === "held") return timeAt(from) < record.expiresAt * 1000;
          return record.status === "in_progress" && onLeaseExpired === "throw" && timeAt(until) >= record.leaseUntil + marginMs;
        });
      case "RESULT_UNAVAILABLE":
        return held(delivery, (record) => record.status === "completed" && record.encoding === "lost");
      case "LEASE_LOST":
        return isLost(delivery);
      case "STORE_UNAVAILABLE":
        return delivery.troubles > 0;
      case "replayed error":
        return held(
          delivery,
          (record, { from }) => record.status === "failed" && timeAt(from) < record.expiresAt * 1000 && !isOld(record, delivery),
        );
      case "the handler's error":
        return run?.ended === "threw";
      default:
        return false;
    }
  }

  function isLost({ run, owner }: Delivery): boolean {
    const claimed = history.findIndex(({ record }) => record?.owner === owner);
    // Its record may also be gone: TTL deletes what is overdue.
    return run !== undefined && history.slice(claimed).some(({ record }) => record?.owner !== owner);
  }

  function lost(delivery: Delivery): void {
    if (!isLost(delivery)) violate("LEASE_LOST is told where it is so", delivery.name);
  }

  return {
    get violation() {
      return violation;
    },
    violate,
    found: remember,
    wrote,
    removed: () => remember(undefined),
    started,
    lost,
    answered,
  };
}

/** Was it written before what the delivery takes for old? */
function isOld({ completedAt = 0 }: StoredRecord, { plan, startedAt, skewMs }: Delivery): boolean {
  return plan.sentLate && completedAt < startedAt + skewMs;
}

function isSamePayload(record: StoredRecord, { fingerprint }: Delivery): boolean {
  return record.fingerprint === undefined || record.fingerprint === fingerprint;
}

function nameOfRun({ owner, attempt }: StoredRecord): string {
  return `${owner} ${attempt}`;
}

function same(a: StoredRecord | undefined, b: StoredRecord | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function describe(record: StoredRecord | undefined): string {
  return record === undefined ? "nothing" : `${record.owner}'s record, ${record.status}`;
}
