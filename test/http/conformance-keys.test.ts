// Conformance 1: forms of the key. A key that is none is answered before anything is asked of the store.
import { describe, expect, it } from "vitest";
import { apiOn, forms, gist } from "./api.ts";
import { frontDoors } from "./front-doors.ts";
import { dynamodbLocal, suiteTables } from "./table-store.ts";

const longest = "k".repeat(255);

/** Fields that name the same key. */
const oneKey: readonly [title: string, one: string, other: string][] = [
  ["bare and quoted", "order-1", '"order-1"'],
  ["quoted and with parameters", '"order-1"', '"order-1";version=1;final'],
  ["with blanks around it", "order-1", "\t order-1  "],
  ["with an escaped quote and backslash", '"a\\"b\\\\c"', '"a\\"b\\\\c"; p="x,y"'],
  ["with a comma inside quotes", '"a,b;c"', '"a,b;c";p'],
  ["the longest", longest, `"${longest}"`],
];

/** Fields that are no key. */
const invalid: readonly [title: string, field: string | readonly string[]][] = [
  ["empty", ""],
  ["blank", "  "],
  ["empty quotes", '""'],
  ["a list", "k,k"],
  ["a list of strings", '"a","b"'],
  ["256 characters", `${longest}k`],
  ["256 characters in quotes", `"${longest}k"`],
  ["a control character", "a\u0001b"],
  ["a control character in quotes", '"a\u007fb"'],
  ["a space", "a b"],
  ["a space in quotes", '"a b"'],
  ["beyond ASCII", "schlüssel"],
  ["a bare semicolon", "a;b"],
  ["an open quote", '"a'],
  ["something behind the string", '"a"b'],
  ["an unknown escape", '"a\\nb"'],
  ["a quote inside", 'a"b'],
];

describe.skipIf(!dynamodbLocal.available).for(frontDoors)("through: $name", (door) => {
  const tables = suiteTables(dynamodbLocal);

  describe.for(forms)("%s", (form) => {
    it.for(oneKey)("one key: %s", async ([, one, other]) => {
      const api = apiOn(await tables(), undefined, { form });
      const first = await api.send(door, { key: one });
      expect(gist(first)).toEqual([201, "created"]);
      expect(first.headers["idempotency-key"]).toEqual([one]);
      const replay = await api.send(door, { key: other });
      expect([gist(replay), replay.headers["idempotency-key"], api.runs]).toEqual([[201, "replayed"], [other.trim()], 1]);
    });

    it("keys that differ in case, or by an escape, are two", async () => {
      const api = apiOn(await tables(), undefined, { form });
      for (const key of ["order-1", "Order-1", '"a\\\\"', '"a"']) expect(gist(await api.send(door, { key }))).toEqual([201, "created"]);
      expect(api.runs).toBe(4);
    });

    it.for(invalid)("no key, 400 and no request: %s", async ([, key]) => {
      for (const required of [true, false]) {
        const table = await tables();
        const api = apiOn(table, undefined, { form, options: { required } });
        const answer = await api.send(door, { key });
        expect(gist(answer)).toEqual([400, "rejected", "idempotency_key_invalid"]);
        expect(answer.headers).not.toHaveProperty("idempotency-key");
        expect([api.runs, table.faults.log]).toEqual([0, []]);
      }
    });

    it("two fields: 400 and no request, where the front door shows both", async () => {
      const table = await tables();
      const api = apiOn(table, undefined, { form });
      const answer = await api.send(door, { key: ["order-1", "order-1"] });
      if (door.repeated === "last") {
        // It drops the first one, and nobody behind it can know.
        expect([gist(answer), api.runs]).toEqual([[201, "created"], 1]);
      } else expect([gist(answer), api.runs, table.faults.log]).toEqual([[400, "rejected", "idempotency_key_invalid"], 0, []]);
    });

    it("none: 400 and no request, unless none is required", async () => {
      const table = await tables();
      const strict = apiOn(table, undefined, { form });
      expect(gist(await strict.send(door, { key: null }))).toEqual([400, "rejected", "idempotency_key_missing"]);
      const lenient = apiOn(table, undefined, { form, options: { required: false } });
      expect([gist(await lenient.send(door, { key: null })), gist(await lenient.send(door, { key: null }))]).toEqual([
        [201, undefined],
        [201, undefined],
      ]);
      expect([strict.runs, lenient.runs, table.faults.log]).toEqual([0, 2, []]);
    });
  });
});
