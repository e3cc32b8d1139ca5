// Conformance 9: a record past its retention, which TTL has not deleted yet. Its key is a new one, and is taken over as it was seen.
import { type AttributeValue, DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import type { HttpOptions } from "../../src/http/index.ts";
import { type Api, apiOn, charge, expectReplay, forms, gate, gist, retentionSeconds, type Work } from "./api.ts";
import { type FrontDoor, frontDoors, rest } from "./front-doors.ts";
import type { Received } from "./received.ts";
import { dynamodbLocal, suiteTables, type TableStore } from "./table-store.ts";

/** How a record came to be, and what duplicates get while it is there. */
interface Kind {
  readonly status: string;
  readonly first: Work;
  readonly options?: Partial<HttpOptions>;
  readonly before: readonly unknown[];
}

const kinds: readonly Kind[] = [
  { status: "completed", first: charge(), before: [201, "replayed"] },
  {
    status: "completed",
    first: charge(),
    options: { toStored: () => undefined as never },
    before: [409, "unavailable", "idempotency_result_unavailable"],
  },
  {
    status: "held",
    first: () => ({ status: 503 }),
    options: { onServerError: "hold" },
    before: [409, "uncertain", "idempotency_outcome_uncertain"],
  },
];

describe.skipIf(!dynamodbLocal.available).for(forms)("%s", (form) => {
  const tables = suiteTables(dynamodbLocal);

  describe.for(frontDoors)("through: $name", (door) => {
    it.for(kinds)("$status: as ever until its last second, and then as if it was not there", async ({ status, first, options, before }) => {
      const table = await tables();
      const api = apiOn(table, (...args) => (api.runs === 1 ? first(...args) : { status: 202, body: "anew" }), {
        form,
        options: options ?? {},
      });
      await api.send(door);
      const kept = await only(table);
      table.clock.jump(expiryMs(kept) - table.clock.now() - 1);
      expect([gist(await api.send(door)), api.runs]).toEqual([before, 1]);
      table.clock.jump(1);
      expect(await only(table)).toEqual(kept);
      const fresh = await api.send(door);
      expect([gist(fresh), api.runs]).toEqual([[202, "created"], 2]);
      expect(fresh.headers).not.toHaveProperty("idempotent-replayed");
      expect(fresh.headers).not.toHaveProperty("idempotency-original-request");
      expect(api.events).toContainEqual(expect.objectContaining({ type: "taken_over", attempt: 2, from: "expired" }));
      const renewed = await only(table);
      expect([kept["status"]?.S, renewed["status"]?.S, renewed["attempt"]?.N]).toEqual([status, "completed", "2"]);
      expect(expiryMs(renewed) - table.clock.now()).toBeGreaterThanOrEqual(retentionSeconds * 1000);
    });

    it("a run that never ended: it is taken over, also where a lapsed lease is not", async () => {
      const table = await tables();
      const api = apiOn(table, undefined, { form, options: { onLeaseExpired: "throw" } });
      table.faults.on("settle", { answer: "denied" });
      expect(gist(await api.send(door))).toEqual([201, "unsaved"]);
      table.clock.jump(expiryMs(await only(table)) - table.clock.now() - 1);
      expect(gist(await api.send(door))).toEqual([409, "uncertain", "idempotency_outcome_uncertain"]);
      table.clock.jump(1);
      expect([gist(await api.send(door)), api.runs]).toEqual([[201, "created"], 2]);
    });

    it("another payload is no mismatch any more, and the first one is", async () => {
      const { api } = await expired(door);
      const other = { body: { amount: 6 } };
      const first = await api.send(door, other);
      expect(gist(first)).toEqual([201, "created"]);
      expectReplay(await api.send(door, other), first);
      expect([gist(await api.send(door)), api.runs]).toEqual([[422, "mismatch", "idempotency_key_reused"], 2]);
    });

    it("taken over by another process a moment before: it runs there alone", async () => {
      const { table, api } = await expired(door);
      const other = apiOn({ store: table.others }, () => ({ status: 202, body: "the other's" }), { form });
      const theirs: Received[] = [];
      table.faults.on("takeOver", { before: async () => void theirs.push(await other.send(door)) });
      const ours = await api.send(door);
      expect(theirs.map(gist)).toEqual([[202, "created"]]);
      expectReplay(ours, theirs[0] as Received);
      expect([api.runs, other.runs, (await only(table))["attempt"]?.N]).toEqual([1, 1, "2"]);
    });

    it("deleted by TTL a moment before: it is claimed as new", async () => {
      const { table, api } = await expired(door);
      const { pk, sk } = await only(table);
      const Key = { pk, sk } as Record<string, AttributeValue>;
      table.faults.on("takeOver", { before: () => table.client.send(new DeleteItemCommand({ TableName: table.tableName, Key })) });
      expect([gist(await api.send(door)), api.runs]).toEqual([[201, "created"], 2]);
      expect((await only(table))["attempt"]?.N).toBe("1");
    });

    it("twelve at once: one runs, and nobody gets the old answer", async () => {
      const { api } = await expired(door);
      const answers = await Promise.all(Array.from({ length: 12 }, () => api.send(door)));
      const first = answers.find((answer) => gist(answer)[1] === "created") as Received;
      expect([String(first.body), api.runs]).toEqual(['{"charge":2}', 2]);
      for (const answer of answers) {
        if (answer === first) continue;
        if (answer.status === 409) expect(gist(answer)).toEqual([409, "conflict", "idempotency_in_progress"]);
        else expectReplay(answer, first);
      }
    });
  });

  it.for(kinds)(
    "$status: 18 requests through all front doors, which have all seen the old record: one runs, the others are refused or have its answer",
    async ({ first, options = {} }) => {
      const table = await tables();
      await apiOn(table, first, { form, options }).send(rest);
      table.clock.jump(expiryMs(await only(table)) - table.clock.now());
      const [seen, decided, answered] = [gate(), gate(), gate()];
      const answers: Received[] = [];
      const runs = (): number => processes[0].runs + processes[1].runs;
      const openOn = (): void => {
        if (runs() + answers.length >= 9) decided.open();
        if (answers.length >= 9) answered.open();
      };
      const work: Work = async () => {
        openOn();
        await decided.passed;
        return { status: 202, body: "anew" };
      };
      const processes = [apiOn(table, work, { form }), apiOn(table, work, { form })] as const;
      // None goes on before each has asked to take over: nine at once, and nine when one of these has got the new answer.
      let asking = 0;
      const takeOver = async (): Promise<void> => {
        const place = ++asking;
        if (place === 18) seen.open();
        await (place <= 9 ? seen : answered).passed;
      };
      table.faults.on("takeOver", ...Array.from({ length: 18 }, () => ({ before: takeOver })));
      const requests = Array.from({ length: 18 }, async (_, n) => {
        answers.push(await (processes[n % 2] as Api).send(frontDoors[n % frontDoors.length] as FrontDoor));
        openOn();
      });
      await Promise.all(requests);
      expect([asking, runs(), (await only(table))["attempt"]?.N]).toEqual([18, 1, "2"]);
      for (const early of answers.slice(0, 8)) expect(gist(early)).toEqual([409, "conflict", "idempotency_in_progress"]);
      const fresh = answers[8] as Received;
      expect([gist(fresh), String(fresh.body)]).toEqual([[202, "created"], "anew"]);
      for (const late of answers.slice(9)) expectReplay(late, fresh);
    },
  );

  /** A completed record that is past its retention. */
  async function expired(door: FrontDoor): Promise<{ table: TableStore; api: Api }> {
    const table = await tables();
    const api = apiOn(table, undefined, { form });
    await api.send(door);
    table.clock.jump(expiryMs(await only(table)) - table.clock.now());
    return { table, api };
  }
});

/** The one item that is there. */
async function only(table: TableStore): Promise<Record<string, AttributeValue>> {
  const items = await table.items();
  expect(items.length).toBe(1);
  return items[0] as Record<string, AttributeValue>;
}

function expiryMs(item: Record<string, AttributeValue>): number {
  return Number(item["expiresAt"]?.N) * 1000;
}
