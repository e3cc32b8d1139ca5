import { checkFields, checkStore, optional, wholeNumber } from "../core/check.ts";
import { codecOf, type StoredRecord, textOf } from "../core/record.ts";
import { type Answer, claimedRecord, type ClaimRef, endedMembers, type KeptResult, type Outcome, type Store } from "../core/store.ts";
import { keptRecords, type Turn } from "./kept.ts";

export interface CachedOptions {
  /** The most records that are kept. Up to 1,000,000. Default: 1,000. */
  readonly maxItems?: number | undefined;
  /**
   * The most that they take: the results' UTF-8 bytes, and 2,048 for each record. A result over it is not kept.
   * Default: 16 MiB.
   */
  readonly maxBytes?: number | undefined;
}

const defaultMaxItems = 1000;
const defaultMaxBytes = 16 * 1024 * 1024;
/** The list takes memory for as many records as it may hold, at once: more is a mistake. */
const mostItems = 1_000_000;
const checks = {
  maxItems: optional(wholeNumber(1, mostItems), defaultMaxItems),
  maxBytes: optional(wholeNumber(1), defaultMaxBytes),
} satisfies Record<keyof CachedOptions, unknown>;

/** A record as the store showed it, for when its text is known. */
interface Sighting {
  readonly record: StoredRecord;
  readonly since: Turn;
}

/**
 * Keeps completed records in this process's memory, in front of a store: a duplicate of what completed or was replayed
 * here costs no request until its record expires. Everything else goes to the store. To be made once, outside of the
 * handler. A record that is deleted by hand goes on answering here until it expires.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for what is no store, an unknown option, or one that is no positive integer.
 * @example
 * const store = cached(dynamodbStore());
 */
export function cached(store: Store, options: CachedOptions = {}): Store {
  checkStore(store, "store");
  const kept = keptRecords(checkFields(options, "options", checks), () => store.clock?.now() ?? Date.now());
  const sightings = new WeakMap<StoredRecord, Sighting>();

  async function ask(request: () => Promise<Answer>): Promise<Answer> {
    const since = kept.turn();
    const answer = await request();
    if (!answer.applied) await look(answer.record, since);
    return answer;
  }

  async function replace({ id }: StoredRecord, request: () => Promise<Answer>): Promise<Answer> {
    const answer = await ask(request);
    if (answer.applied) kept.replaced(id);
    return answer;
  }

  // Takes in what the store shows.
  async function look(record: StoredRecord | undefined, since: Turn, written?: string): Promise<void> {
    if (record === undefined) return;
    kept.seen(record);
    // A copy: whoever gets the record may change it before its text is known.
    const sighting = { record: { ...record, id: { ...record.id } }, since };
    sightings.set(record, sighting);
    kept.keep(sighting.record, textOf(record) === undefined ? written : await inlineText(record), since);
  }

  // What is inline costs no request, but it is the store that tells what it means.
  async function inlineText(record: StoredRecord): Promise<string | undefined> {
    try {
      return await store.result(record);
    } catch {
      return undefined; // whoever wants the text will ask, and be told why
    }
  }

  return {
    clock: store.clock,
    async claim(request) {
      const record = kept.find(request.id);
      return record === undefined ? ask(() => store.claim(request)) : { applied: false, record };
    },
    takeOver: (seen, request) => replace(seen, () => store.takeOver(seen, request)),
    async settle(claim, outcome) {
      const since = kept.turn();
      const answer = await store.settle(claim, outcome);
      if (answer.applied) {
        const record = recordWritten(claim, outcome, answer.kept);
        kept.seen(record);
        kept.keep(record, textOf(record), since);
      } else await look(answer.record, since, textWritten(answer.record, claim, outcome));
      return answer;
    },
    extend: (claim, leaseUntil) => store.extend(claim, leaseUntil),
    async read(id) {
      const since = kept.turn();
      const record = await store.read(id);
      await look(record, since);
      return record;
    },
    async result(record) {
      if (kept.isOwn(record)) return textOf(record);
      const sighting = sightings.get(record);
      const text = await store.result(record);
      if (sighting !== undefined) kept.keep(sighting.record, text, sighting.since);
      return text;
    },
    release: (seen) => replace(seen, () => store.release(seen)),
  };
}

/** The text of a refused completion, where the record is the one that it has written before. */
function textWritten(record: StoredRecord | undefined, { owner, attempt }: ClaimRef, outcome: Outcome): string | undefined {
  if (outcome.status !== "completed" || record?.owner !== owner || record.attempt !== attempt) return undefined;
  const { completedAt, expiresAt, encoding, text } = outcome;
  const isOurs = record.completedAt === completedAt && record.expiresAt === expiresAt && codecOf(record.encoding) === encoding;
  return isOurs ? text : undefined;
}

/** The record that an outcome has made, with its text inline; without, where the store says that it kept something else. */
function recordWritten(claim: ClaimRef, outcome: Outcome, said: KeptResult | undefined): StoredRecord {
  const record = { ...claimedRecord(claim, claim.attempt), ...endedMembers(outcome) };
  const isKept = said === undefined || codecOf(said.encoding) === record.encoding;
  return isKept ? record : { ...record, encoding: said.encoding, result: undefined };
}
