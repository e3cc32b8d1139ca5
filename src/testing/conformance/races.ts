import { claimedRecord, type ClaimRef, type Store } from "../../core/store.ts";
import { nextTurn } from "../real-time.ts";
import { check } from "./assertions.ts";
import { claimed, completed, errored, nextId, recordIn, refFor, type Suite } from "./cases.ts";

/** A write, and how its record shows that it was applied. */
interface Contender {
  readonly name: string;
  write(store: Store, ref: ClaimRef): Promise<{ readonly applied: boolean }>;
  readonly shows: { readonly owner: string; readonly status: string; readonly leaseUntil?: number };
}

const owner = "owner";
const laterLease = refFor(nextId()).leaseUntil + 5000;
const owners: readonly Contender[] = [
  { name: "settle", write: (store, ref) => store.settle(ref, completed()), shows: { owner, status: "completed" } },
  {
    name: "extend",
    write: (store, ref) => store.extend(ref, laterLease),
    shows: { owner, status: "in_progress", leaseUntil: laterLease },
  },
  { name: "release", write: (store, ref) => store.release(claimedRecord(ref, 1)), shows: { owner, status: "released" } },
];
const takeover: Contender = {
  name: "takeOver",
  write: (store, ref) => store.takeOver(claimedRecord(ref, 1), refFor(ref.id, { owner: "next" })),
  shows: { owner: "next", status: "in_progress" },
};
const put: Contender = {
  name: "settle by a put",
  write: (store, ref) => store.settle(ref, errored("failed", { write: "put" })),
  shows: { owner, status: "failed" },
};
const claim: Contender = {
  name: "claim",
  write: (store, ref) => store.claim(refFor(ref.id, { owner: "next" })),
  shows: { owner: "next", status: "in_progress" },
};

/** A store that reads and then writes fails here: of two writes whose conditions exclude each other, one is applied. */
export function raceObligations({ make, test }: Suite): void {
  for (const contender of owners) {
    test(`${contender.name}: of it and a takeover at once, one is applied`, async () => {
      for (const pause of pauses) for (const order of orders(contender, takeover)) await race(await claimed(make), order, pause);
    });
  }
  test("settle: of a put and a claim at once, one is applied", async () => {
    const store = await make();
    for (const pause of pauses) for (const order of orders(put, claim)) await race({ store, ref: refFor(nextId()) }, order, pause);
  });
}

type Pair = readonly [first: Contender, second: Contender];

function orders(one: Contender, other: Contender): readonly Pair[] {
  return [
    [one, other],
    [other, one],
  ];
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

async function race({ store, ref }: { store: Store; ref: ClaimRef }, [first, second]: Pair, pause: (typeof pauses)[number]): Promise<void> {
  const begun = first.write(store, ref);
  for (let n = 0; n < pause.jobs; n++) await Promise.resolve();
  for (let n = 0; n < pause.turns; n++) await nextTurn();
  const answers = [await second.write(store, ref), await begun];
  const names = `${first.name}, then ${second.name} while it was under way`;
  check(`${names}: how many were applied`, answers.filter(({ applied }) => applied).length, 1);
  const { shows } = answers[0]?.applied === true ? second : first;
  const record = await recordIn(store, ref.id);
  const { owner, status, leaseUntil } = record;
  check(`the record after ${names}`, { owner, status, leaseUntil: shows.leaseUntil && leaseUntil }, shows);
}
