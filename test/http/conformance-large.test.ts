// Conformance 10: an answer of some 6 MB. One that is larger is lost, since nobody could send it again; its work stays done.
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Api, apiOn, expectReplay, forms, gist, leaseMs, type Work } from "./api.ts";
import { frontDoors, payload2, rest } from "./front-doors.ts";
import type { Received } from "./received.ts";
import { dynamodbLocal, suiteTables } from "./table-store.ts";

/** The most that is kept. Bytes in no order take at least their own length, however they are compressed. */
const limit = 6_291_556;
const larger = randomBytes(limit + 1);
const unavailable = [409, "unavailable", "idempotency_result_unavailable"];

describe.skipIf(!dynamodbLocal.available).for(forms)("%s", (form) => {
  const tables = suiteTables(dynamodbLocal);

  it.for(frontDoors)(
    "more than 6 MB: its client has it, a duplicate is told that it is lost, and nothing runs again, through: $name",
    async (door) => {
      const table = await tables();
      const work: Work = () => ({ status: 201, headers: { "content-type": "application/pdf" }, cookies: ["paid=1"], body: larger });
      const processes = [apiOn(table, work, { form }), apiOn({ store: table.others }, work, { form })] as const;
      const [api, other] = processes;
      const first = await api.send(door);
      expect([gist(first), first.body.equals(larger), first.cookies]).toEqual([[201, "created"], true, ["paid=1"]]);
      expect(first.headers).not.toHaveProperty("idempotent-replayed");
      expect(api.types()).toEqual(["claimed", "completed", "result_not_kept"]);
      expect(api.events.at(-1)).toMatchObject({ reason: expect.stringContaining("the limit is 6291300") as string });
      const items = await table.items(); // and nothing beside the record
      expect(items.map(({ status, encoding }) => [status?.S, encoding?.S])).toEqual([["completed", "lost"]]);
      const duplicates: Received[] = await Promise.all(frontDoors.map((another, n) => (processes[n % 2] as Api).send(another)));
      table.clock.jump(2 * leaseMs);
      duplicates.push(await api.send(door), await other.send(door));
      for (const duplicate of duplicates) {
        expect(gist(duplicate)).toEqual(unavailable);
        expect(duplicate.headers["idempotency-original-request"]).toEqual(["request-1"]);
        expect(duplicate.cookies).toEqual([]);
        expect(JSON.parse(String(duplicate.body))).toMatchObject({ retryable: false, safeToUseNewKey: false });
      }
      expect(gist(await other.send(door, { body: { amount: 6 } }))).toEqual([422, "mismatch", "idempotency_key_reused"]);
      expect([api.runs, other.runs]).toEqual([1, 0]);
    },
  );

  it("nearly 6 MB replay byte for byte", async () => {
    const body = "paid ".repeat((limit - 1000) / 5);
    const api = apiOn(await tables(), () => ({ status: 201, headers: { "content-type": "text/plain" }, body }), { form });
    const first = await api.send(rest);
    expect([gist(first), first.body.equals(Buffer.from(body))]).toEqual([[201, "created"], true]);
    for (const door of [rest, payload2]) expectReplay(await api.send(door), first);
    expect([api.runs, api.types()]).toEqual([1, ["claimed", "completed", "replayed", "replayed"]]);
  });

  it.for([
    { title: "text that shrinks", body: "paid ".repeat(limit / 4) },
    { title: "bytes that grow in Base64", body: larger.subarray(200_000) },
  ])("more than Lambda sends, though less as stored, is lost too: $title", async ({ body }) => {
    const api = apiOn(await tables(), () => ({ status: 201, headers: { "content-type": "text/plain" }, body }), { form });
    expect(gist(await api.send(rest))).toEqual([201, "created"]);
    expect([gist(await api.send(rest)), api.runs]).toEqual([unavailable, 1]);
  });
});
