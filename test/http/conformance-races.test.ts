// Conformance 4 and 5: requests at the same time, and an owner that comes back too late.
import { describe, expect, it } from "vitest";
import type { Store } from "../../src/index.ts";
import { type Api, apiOn, charge, expectReplay, forms, gate, gist, leaseMs, unmarked, type Work } from "./api.ts";
import { frontDoors, rest } from "./front-doors.ts";
import type { Received } from "./received.ts";
import { dynamodbLocal, suiteTables, type TableStore } from "./table-store.ts";

const conflict = [409, "conflict", "idempotency_in_progress"];
const isReplay = ({ headers }: Received): boolean => headers["idempotent-replayed"] !== undefined;

describe.skipIf(!dynamodbLocal.available).for(forms)("%s", (form) => {
  const tables = suiteTables(dynamodbLocal);

  describe("at the same time", () => {
    it.for([...frontDoors.map((door) => ({ name: door.name, doors: [door] })), { name: "all of them", doors: frontDoors }])(
      "24 requests to two processes: one runs, 23 are refused, through: $name",
      async ({ doors }) => {
        const table = await tables();
        const { open, passed } = gate();
        const pay = charge();
        const work: Work = (...args) => passed.then(() => pay(...args));
        const processes = [apiOn(table, work, { form }), apiOn({ store: table.others }, work, { form })];
        const answers: Received[] = [];
        const requests = Array.from({ length: 24 }, async (_, n) => {
          const answer = await (processes[n % 2] as Api).send(doors[n % doors.length] ?? rest);
          answers.push(answer);
          if (answers.length === 23) open(); // the owner has not answered, so these are all of the others
        });
        await Promise.all(requests);
        const first = answers.at(-1) as Received;
        expect(gist(first)).toEqual([201, "created"]);
        for (const other of answers.slice(0, -1)) {
          expect(gist(other)).toEqual(conflict);
          expect(Number(other.headers["retry-after"]?.[0])).toBeGreaterThanOrEqual(1);
        }
        expect(processes.reduce((sum, { runs }) => sum + runs, 0)).toBe(1);
        for (const door of doors) expectReplay(await (processes[1] as Api).send(door), first);
        expect((await table.items()).length).toBe(1);
      },
    );

    it.for(frontDoors)("24 requests that wait: one runs, 23 get its answer, through: $name", async (door) => {
      const table = await tables({ auto: false });
      const { open, passed } = gate();
      const options = { onInProgress: { waitMs: 25_000 }, leaseMs: 60_000 };
      const pay = charge();
      const requests = { underWay: 0 };
      const processes = [table.store, table.others].map((store) =>
        apiOn({ store: counted(store, requests) }, (...args) => passed.then(() => pay(...args)), { form, options }),
      );
      let isOver = false;
      const answers = Promise.all(Array.from({ length: 24 }, (_, n) => (processes[n % 2] as Api).send(door)));
      void answers.finally(() => (isOver = true));
      // Requests take their own time; the clock is turned while all do nothing but wait.
      for (let turns = 0; !isOver; await new Promise(setImmediate)) {
        if (requests.underWay > 0) continue;
        await table.clock.advance(50);
        if (++turns === 20) open();
      }
      const [first, ...others] = (await answers).sort((one, other) => Number(isReplay(one)) - Number(isReplay(other)));
      expect(gist(first as Received)).toEqual([201, "created"]);
      for (const other of others) expectReplay(other, first as Received);
      expect(processes.reduce((sum, { runs }) => sum + runs, 0)).toBe(1);
    });

    // A second is added, for clocks that differ.
    it.for([
      { leaseMs: 10_000, passedMs: 0, retryAfter: "10" },
      { leaseMs: 10_000, passedMs: 2500, retryAfter: "9" },
      { leaseMs: 10_000, passedMs: 9000, retryAfter: "2" },
      { leaseMs: 10_000, passedMs: 9001, retryAfter: "2" },
      { leaseMs: 10_000, passedMs: 10_999, retryAfter: "1" },
      { leaseMs: 100, passedMs: 0, retryAfter: "2" },
      { leaseMs: 900_000, passedMs: 0, retryAfter: "10" },
      { leaseMs: 900_000, passedMs: 895_500, retryAfter: "6" },
    ])("a lease of $leaseMs ms, $passedMs ms ago: Retry-After is $retryAfter", async ({ passedMs, retryAfter, ...options }) => {
      const table = await tables();
      const refusals: Received[] = [];
      const api = apiOn(
        table,
        async () => {
          table.clock.jump(passedMs);
          for (const door of frontDoors) refusals.push(await api.send(door));
          return { status: 201 };
        },
        { form, options },
      );
      await api.send(rest);
      expect(refusals.map(gist)).toEqual(frontDoors.map(() => conflict));
      for (const { headers, body } of refusals) {
        expect(headers["retry-after"]).toEqual([retryAfter]);
        expect(JSON.parse(String(body))).toMatchObject({ retryAfter: Number(retryAfter) });
      }
      expect(api.runs).toBe(1);
    });
  });

  describe.for(frontDoors)("an owner that stalls, through: $name", (door) => {
    /** A runs past its lease; B, another process, gets the key as told; then A answers. */
    async function stalled(table: TableStore, b: { readonly status: number; readonly isOpen?: boolean }) {
      const { open, passed } = gate();
      const hanging: Promise<unknown>[] = [];
      const other = apiOn(
        { store: table.others },
        async () => {
          if (b.isOpen === true) await passed;
          return { status: b.status, headers: { "content-type": "text/plain" }, cookies: ["b=1"], body: "B's" };
        },
        { form },
      );
      let bs: Received | undefined;
      const owner = apiOn(
        table,
        async () => {
          table.clock.jump(leaseMs + 1000);
          const sent = other.send(rest);
          if (b.isOpen === true) {
            hanging.push(sent);
            while (other.runs === 0) await new Promise(setImmediate);
          } else bs = await sent;
          return { status: 201, headers: { "content-type": "text/plain" }, cookies: ["a=1"], body: "A's" };
        },
        { form },
      );
      const as = await owner.send(door);
      const record = (await table.items())[0];
      open();
      await Promise.all(hanging);
      return { owner, other, as, bs, record };
    }

    it("B takes over and completes: the record stays B's, and A's client gets B's answer", async () => {
      const table = await tables();
      const { owner, other, as, bs, record } = await stalled(table, { status: 201 });
      expect([gist(as), gist(bs as Received)]).toEqual([
        [201, "stale"],
        [201, "created"],
      ]);
      expect(unmarked(as)).toEqual(unmarked(bs as Received));
      expect(as.headers).toMatchObject({ "idempotent-replayed": ["true"], "cache-control": ["no-store"] });
      expect([as.cookies, String(as.body)]).toEqual([[], "B's"]);
      expect([record?.["attempt"]?.N, record?.["status"]?.S, record?.["result"]?.S]).toEqual([
        "2",
        "completed",
        expect.stringContaining("B's"),
      ]);
      expect(owner.types()).toEqual(["claimed", "lease_lost", "replayed"]);
      expect(other.types()).toEqual(["taken_over", "completed"]);
      expectReplay(await owner.send(door), bs as Received);
      expect([owner.runs, other.runs]).toEqual([1, 1]);
    });

    it("B takes over and still runs: A's client is told to come again", async () => {
      const table = await tables();
      const { owner, as, record } = await stalled(table, { status: 201, isOpen: true });
      expect(gist(as)).toEqual([409, "stale", "idempotency_superseded"]);
      expect(as.headers["retry-after"]).toEqual(["1"]);
      expect([record?.["attempt"]?.N, record?.["status"]?.S]).toEqual(["2", "in_progress"]);
      const again = await owner.send(door);
      expect([gist(again), String(again.body), owner.runs]).toEqual([[201, "replayed"], "B's", 1]);
    });

    it("B takes over and is released: the record stays B's", async () => {
      const table = await tables();
      const { as, record } = await stalled(table, { status: 503 });
      expect(gist(as)).toEqual([409, "stale", "idempotency_superseded"]);
      expect([record?.["attempt"]?.N, record?.["status"]?.S]).toEqual(["2", "released"]);
    });
  });
});

/** A store that counts its requests that have no answer yet. */
function counted(store: Store, requests: { underWay: number }): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        requests.underWay++;
        try {
          return await (member.apply(target, args) as Promise<unknown>);
        } finally {
          requests.underWay--;
        }
      };
    },
  });
}
