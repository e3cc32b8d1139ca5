import type { StoredRecord } from "../../core/record.ts";
import type { Answer, ClaimRef, Store } from "../../core/store.ts";
import { check, checkApplied } from "./assertions.ts";
import { claimed, errored, recordIn, refFor, type Suite } from "./cases.ts";

/** What shows a record. */
const views: Readonly<Record<string, (store: Store, ref: ClaimRef) => Promise<StoredRecord | undefined>>> = {
  "read: a record": (store, { id }) => recordIn(store, id),
  "claim: a record that refused it": async (store, ref) => {
    const answer = await store.claim({ ...ref, owner: "newcomer" });
    return answer.applied ? undefined : answer.record;
  },
};

/**
 * A record that was handed out is what was seen: a takeover by it is refused once there is another. A store that hands
 * out one object and overwrites it makes each old sighting the newest one, and so lets that takeover through.
 */
export function handedOutObligations({ make, test }: Suite): void {
  for (const [name, view] of Object.entries(views)) {
    test(`${name} stays as it was handed out, whatever is written and read after it`, async () => {
      const { store, ref } = await claimed(make, { fingerprint: "1:f", requestId: "r", messageId: "m" });
      const sightings: { after: string; record: StoredRecord | undefined; copy: StoredRecord | undefined }[] = [];
      for (const { call, write } of [{ call: "claim", write: undefined }, ...lifeOf(ref)]) {
        if (write !== undefined) checkApplied(`${call}, by the record as it is`, await write(store));
        const record = await view(store, ref);
        sightings.push({ after: call, record, copy: structuredClone(record) });
        await recordIn(store, ref.id);
        for (const seen of sightings) check(`the record of after ${seen.after}, once ${call} was applied`, seen.record, seen.copy);
      }
    });
  }
}

interface Step {
  readonly call: string;
  readonly write: (store: Store) => Promise<Answer>;
}

/** Each kind of write, one after the other. */
function lifeOf(ref: ClaimRef): readonly Step[] {
  const leaseUntil = ref.leaseUntil + 1501;
  const next = { ...refFor(ref.id, { owner: "next" }), attempt: 2 };
  return [
    { call: "extend", write: (store) => store.extend(ref, leaseUntil) },
    { call: "settle", write: (store) => store.settle(ref, errored("failed")) },
    { call: "release", write: async (store) => store.release(await recordIn(store, ref.id)) },
    { call: "takeOver", write: async (store) => store.takeOver(await recordIn(store, ref.id), next) },
    { call: "settle of a takeover", write: (store) => store.settle(next, errored("held")) },
  ];
}
