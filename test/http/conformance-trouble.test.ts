// Conformance 10: the work is done, and its answer cannot be written. The client has it all the same, and nothing runs again.
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Api, apiOn, contextOf, expectReplay, forms, gist, leaseMs } from "./api.ts";
import { frontDoors } from "./front-doors.ts";
import type { Received } from "./received.ts";
import type { Fault } from "../support/faults.ts";
import { dynamodbLocal, suiteTables, type TableStore } from "./table-store.ts";

const conflict = [409, "conflict", "idempotency_in_progress"];
const unavailable = [409, "unavailable", "idempotency_result_unavailable"];

/** Shorter than the lease: what was not written in it leaves a lease behind. */
const invocationMs = 4000;

/** More than an item takes, also compressed. */
const large = randomBytes(700 * 1024);

const failing = ["throttled", "conflict", "denied", "unsent"] as const;

/** Another try heals each of these; the one that was applied, and not answered, is its own. */
const healing: readonly (readonly [title: string, faults: readonly Fault[]])[] = [
  ["throttled once", [{ answer: "throttled" }]],
  ["throttled twice", [{ answer: "throttled" }, { answer: "throttled" }]],
  ["a conflict", [{ answer: "conflict" }]],
  ["never sent", [{ answer: "unsent" }]],
  ["applied, and not answered", [{ answer: "lost" }]],
];

const larger = [
  { title: "text", answer: charged(large.toString("hex")) },
  { title: "bytes", answer: charged(large) },
];

const unwritten = [
  ...failing.map((fault) => ({ fault, title: "a short answer", answer: charged('{"charge":1}') })),
  ...larger.map(({ title, answer }) => ({ fault: "throttled" as const, title: `400 KB of ${title}`, answer })),
];

function endless(answer: (typeof failing)[number]): Fault[] {
  return Array.from({ length: 100 }, () => ({ answer }));
}

function charged(body: string | Uint8Array) {
  return { status: 201, headers: { "content-type": "application/octet-stream" }, cookies: ["paid=1"], body };
}

describe.skipIf(!dynamodbLocal.available).for(forms)("%s", (form) => {
  const tables = suiteTables(dynamodbLocal);

  describe.for(frontDoors)("through: $name", (door) => {
    /** A request in an invocation of its own. */
    function sent({ clock }: TableStore, api: Api): Promise<Received> {
      const end = clock.now() + invocationMs;
      return api.send(
        door,
        {},
        contextOf(`request-${api.runs}`, () => end - clock.now()),
      );
    }

    it.for(unwritten)("the record, $fault, of $title: the client has its answer, and nobody runs before the lease is over", async (row) => {
      const table = await tables();
      const api = apiOn(table, () => row.answer, { form });
      table.faults.on("settle", ...endless(row.fault));
      const claimedAt = table.clock.now();
      expectAnswer(await sent(table, api), row.answer, "unsaved");
      expect(table.clock.now() - claimedAt).toBeLessThanOrEqual(invocationMs);
      expect(api.events).toContainEqual(expect.objectContaining({ type: "store_error", during: "settle" }));
      table.faults.clear("settle");
      expect([gist(await sent(table, api)), api.runs]).toEqual([conflict, 1]);
      table.clock.jump(claimedAt + leaseMs - table.clock.now() - 1);
      expect([gist(await sent(table, api)), api.runs]).toEqual([conflict, 1]);
      table.clock.jump(1001); // with the second for clocks that differ
      const second = await sent(table, api);
      expect([gist(second), api.runs]).toEqual([[201, "created"], 2]);
      expectReplay(await sent(table, api), second);
    });

    it.for(healing)("the record, and another try heals it: %s", async ([, faults]) => {
      const table = await tables();
      const api = apiOn(table, () => charged("done"), { form });
      table.faults.on("settle", ...faults);
      const first = await sent(table, api);
      expectAnswer(first, charged("done"), "created");
      expectReplay(await sent(table, api), first);
      expect(table.faults.log.filter((call) => call === "settle").length).toBe(faults.length + 1);
      expect(api.runs).toBe(1);
    });

    it.for(larger)("more than 400 KB of $title stand beside their record, and replay byte for byte", async ({ answer }) => {
      const table = await tables();
      const api = apiOn(table, () => answer, { form });
      const first = await sent(table, api);
      expectAnswer(first, answer, "created");
      expect((await table.items()).length).toBeGreaterThan(2);
      expectReplay(await sent(table, api), first);
      expect(api.runs).toBe(1);
    });

    it.for(failing)("what stands beside the record, %s: the work stays done, and only its answer is lost", async (fault) => {
      const table = await tables();
      const api = apiOn(table, () => charged(large), { form });
      table.faults.on("child", ...endless(fault));
      expectAnswer(await sent(table, api), charged(large), "created");
      expect(api.types()).toEqual(["claimed", "completed", "result_not_kept"]);
      expect([gist(await sent(table, api)), api.runs]).toEqual([unavailable, 1]);
      table.clock.jump(2 * leaseMs);
      const later = await sent(table, api);
      expect([gist(later), api.runs]).toEqual([unavailable, 1]);
      expect(JSON.parse(String(later.body))).toMatchObject({ retryable: false, safeToUseNewKey: false });
    });
  });
});

/** Holds that a client has what the handler gave, cookies included. */
function expectAnswer(received: Received, { status, body, cookies }: ReturnType<typeof charged>, state: string): void {
  expect(gist(received)).toEqual([status, state]);
  expect(received.body.equals(Buffer.from(body as string))).toBe(true);
  expect(received.cookies).toEqual(cookies);
  expect(received.headers).not.toHaveProperty("idempotent-replayed");
}
