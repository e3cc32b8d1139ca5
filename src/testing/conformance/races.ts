import type { StoredRecord } from "../../core/record.ts";
import { claimedRecord, type ClaimRef, type Outcome, type Store } from "../../core/store.ts";
import { memoryStore } from "../../memory/store.ts";
import { nextTurn } from "../real-time.ts";
import { checkOneOf } from "./assertions.ts";
import { claimed, completed, endings, errored, nextId, recordIn, refFor, resultIn, type Suite } from "./cases.ts";

/** A write, by the claim that the race is about. */
interface Contender {
  readonly name: string;
  write(store: Store, ref: ClaimRef): Promise<{ readonly applied: boolean }>;
}

type Pair = readonly [one: Contender, other: Contender];

const takeover: Contender = {
  name: "takeOver",
  write: (store, ref) => store.takeOver(claimedRecord(ref, 1), refFor(ref.id, { owner: "next" })),
};
const release: Contender = { name: "release", write: (store, ref) => store.release(claimedRecord(ref, 1)) };
const claim: Contender = { name: "claim", write: (store, ref) => store.claim(refFor(ref.id, { owner: "next" })) };
const settles = endings().map(settleAs);

/** Pairs that find a claim in progress. */
const overClaim: readonly (readonly [name: string, pairs: readonly Pair[]])[] = [
  ["settle: of it and a takeover at once, one is applied", settles.map((settle) => [settle, takeover])],
  ["extend: of it and a takeover at once, one is applied", [[extendBy(5000), takeover]]],
  ["release: of it and a takeover at once, one is applied", [[release, takeover]]],
  ["extend: of it and a settle at once, neither loses what the other has written", settles.map((settle) => [extendBy(5000), settle])],
  ["extend: of two at once, the lease is the later one", [[extendBy(5000), extendBy(7000)]]],
  ["extend: of two to the same moment at once, one is applied", [[extendBy(5000), extendBy(5000)]]],
  ["release: of it and a settle at once, one is applied", settles.map((settle) => [release, settle])],
  ["release: of it and an extend at once, one is applied", [[release, extendBy(5000)]]],
  ["release: of two at once, one is applied", [[release, release]]],
  ["settle: of two by one owner at once, one is applied", pairsOf(settles)],
];

/** Pairs that find no record. */
const overNothing: readonly (readonly [name: string, pairs: readonly Pair[]])[] = [
  ["settle: of a put and a claim at once, one is applied", [[putAs(errored("failed")), claim]]],
  ["settle: of two puts at once, one is applied", [[putAs(completed()), putAs(errored("failed"), "another")]]],
];

/**
 * A store that reads and then writes fails here: two writes at once come out as one of them after the other, in either
 * order, and so no member that one of them has written is lost to the other.
 */
export function raceObligations({ make, test }: Suite): void {
  for (const [name, pairs] of overClaim) {
    test(name, () => races(make, pairs, async (store) => (await claimed(async () => store)).ref));
  }
  for (const [name, pairs] of overNothing) test(name, () => races(make, pairs, async () => refFor(nextId())));
}

function settleAs(outcome: Outcome): Contender {
  return { name: `settle as ${outcome.status}`, write: (store, ref) => store.settle(ref, outcome) };
}

function putAs(outcome: Outcome, owner: string = "owner"): Contender {
  return { name: `settle by a put of ${owner}`, write: (store, ref) => store.settle({ ...ref, owner }, { ...outcome, write: "put" }) };
}

function extendBy(ms: number): Contender {
  return { name: `extend by ${ms} ms`, write: (store, ref) => store.extend(ref, ref.leaseUntil + ms) };
}

function pairsOf(contenders: readonly Contender[]): readonly Pair[] {
  return contenders.flatMap((one, at) => contenders.slice(at + 1).map((other): Pair => [one, other]));
}

/** What passes before the second write begins: nothing, jobs within a turn of the event loop, some turns. */
const pauses = [
  { jobs: 0, turns: 0 },
  { jobs: 1, turns: 0 },
  { jobs: 2, turns: 0 },
  { jobs: 4, turns: 0 },
  { jobs: 0, turns: 1 },
  { jobs: 0, turns: 2 },
];

type Begin = (store: Store) => Promise<ClaimRef>;

async function races(make: Suite["make"], pairs: readonly Pair[], begin: Begin): Promise<void> {
  const store = await make();
  for (const [one, other] of pairs) {
    const oneFirst = await inTurn([one, other], begin);
    const otherFirst = await inTurn([other, one], begin);
    for (const pause of pauses) {
      await race(store, [one, other], begin, pause, [oneFirst, swapped(otherFirst)]);
      await race(store, [other, one], begin, pause, [otherFirst, swapped(oneFirst)]);
    }
  }
}

/** What came of two writes. */
interface Outcomes {
  readonly applied: readonly boolean[];
  readonly record: Partial<StoredRecord>;
  readonly text: string | undefined;
}

function swapped(outcomes: Outcomes): Outcomes {
  return { ...outcomes, applied: outcomes.applied.toReversed() };
}

/** One after the other, as the memory store has it: nothing is at once there. */
async function inTurn([first, second]: Pair, begin: Begin): Promise<Outcomes> {
  const store = memoryStore();
  const ref = await begin(store);
  return outcomesOf(store, ref, [await first.write(store, ref), await second.write(store, ref)]);
}

async function race(
  store: Store,
  [first, second]: Pair,
  begin: Begin,
  pause: (typeof pauses)[number],
  allowed: readonly Outcomes[],
): Promise<void> {
  const ref = await begin(store);
  const answers = await Promise.all([first.write(store, ref), later()]);
  checkOneOf(`${first.name}, then ${second.name} while it was under way`, await outcomesOf(store, ref, answers), allowed);

  async function later(): Promise<{ readonly applied: boolean }> {
    for (let n = 0; n < pause.jobs; n++) await Promise.resolve();
    for (let n = 0; n < pause.turns; n++) await nextTurn();
    return second.write(store, ref);
  }
}

async function outcomesOf(store: Store, ref: ClaimRef, answers: readonly { readonly applied: boolean }[]): Promise<Outcomes> {
  const record = await recordIn(store, ref.id);
  const { id, result, chunks, ...members } = record; // how a result is kept is its store's own matter
  const text = record.status === "completed" ? await resultIn(store, record) : undefined;
  return { applied: answers.map(({ applied }) => applied), record: members, text };
}
