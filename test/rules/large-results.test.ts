// Results that do not fit their record: written beside it before the record says so, read back or refused, never run again.
import { DeleteItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, it } from "vitest";
import { nameOf } from "../../src/core/record.ts";
import type { Item } from "../../src/dynamodb/item.ts";
import { id, leaseMs, type Options, type Order, order, record, refusal, retentionSeconds, wrap } from "../support/deliveries.ts";
import { openTable, type TableBench } from "../support/dynamodb-bench.ts";
import type { Fault } from "../support/faults.ts";
import { noise } from "../../src/testing/random.ts";

const mib = 1024 * 1024;
/** Three items' worth, as it is stored. */
const large = noise(mib);
const plain = { compressAboveBytes: Number.MAX_SAFE_INTEGER };

/** All items beside the records. */
async function childrenIn({ client, tableName }: TableBench): Promise<Item[]> {
  const items: Item[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: tableName, ExclusiveStartKey }));
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items.filter(({ sk }) => sk?.S === "result").toSorted((a, b) => nameIn(a).localeCompare(nameIn(b)));
}

function nameIn({ pk }: Item): string {
  return pk?.S ?? "";
}

function times(count: number, fault: Fault): Fault[] {
  return Array.from({ length: count }, () => fault);
}

/** An order that tells the time that is left of its invocation, milliseconds. */
function timed({ clock }: TableBench, left: number | undefined): Order {
  const deadline = clock.now() + (left ?? 0);
  return left === undefined ? order : Object.assign({ ...order }, { getRemainingTimeInMillis: () => deadline - clock.now() });
}

/** A bench that has kept a large result, with its handler. */
async function kept(options: Options = {}) {
  const bench = await openTable(plain);
  const deliver = wrap(bench, () => large, options);
  expect(await deliver()).toBe(large);
  return { bench, deliver, duplicate: wrap(bench, () => "again", options) };
}

const after = { lost: ["claimed", "completed", "result_not_kept"], kept: ["claimed", "completed"] };

describe.skipIf(inject("dynamodbLocal") === "")("on DynamoDB Local, through a proxy", () => {
  describe("a large result is kept beside its record", () => {
    it("in items named by its owner, that outlive the record by a day", async () => {
      const { bench, deliver, duplicate } = await kept();
      expect(bench.clock.sleeping()).toBe(0);
      const { owner, expiresAt, ...rest } = (await bench.others.read(id))!;
      expect(rest).toMatchObject({ status: "completed", encoding: "json", chunks: 3 });
      expect(rest.result).toBeUndefined();
      const children = await childrenIn(bench);
      expect(children.map(nameIn)).toEqual([0, 1, 2].map((n) => `${nameOf(id)}#${owner}#${n}`));
      expect(children.map((item) => Number(item["expiresAt"]?.N))).toEqual(Array(3).fill(expiresAt + 86_400));
      expect(deliver.events.at(-1)).toMatchObject({ type: "completed", encoding: "json", bytes: mib + 2 });
      expect(await duplicate()).toBe(large);
      expect([duplicate.runs, duplicate.types()]).toEqual([0, ["replayed"]]);
      expect(bench.faults.log).toEqual(["claim", "child", "child", "child", "settle", "claim", "children"]);
    });

    it.for([
      { name: "6 MB that compress no better than text can", result: noise(6 * mib), chunks: 12 },
      { name: "rows", result: Array.from({ length: 40_000 }, (_, i) => ({ id: `order-${i}`, at: i * 7919, é: "\u{1F600}" })), chunks: 1 },
    ])("$name: byte for byte, by default", async ({ result, chunks }) => {
      const bench = await openTable();
      const deliver = wrap(bench, () => result);
      await deliver();
      expect(await bench.others.read(id)).toMatchObject({ encoding: "json+br", chunks });
      expect(JSON.stringify(await deliver()) === JSON.stringify(result)).toBe(true);
      expect(deliver.runs).toBe(1);
    });

    // JSON adds two quotes.
    it.for([
      { name: "512 bytes: as they are", options: {}, result: noise(510), kept: { encoding: "json", chunks: undefined } },
      { name: "513 bytes: compressed", options: {}, result: noise(511), kept: { encoding: "json+br", chunks: undefined } },
      { name: "8,192 bytes, as stored: in the record", options: plain, result: noise(8190), kept: { encoding: "json", chunks: undefined } },
      { name: "8,193 bytes, as stored: beside it", options: plain, result: noise(8191), kept: { encoding: "json", chunks: 1 } },
    ])("where it goes by default: $name", async ({ options, result, kept }) => {
      const bench = await openTable(options);
      const deliver = wrap(bench, () => result);
      expect([await deliver(), await deliver()]).toEqual([result, result]);
      const { encoding, chunks } = (await bench.others.read(id))!;
      expect({ encoding, chunks }).toEqual(kept);
    });

    it("at most four items are under way at a time", async () => {
      const bench = await openTable({ ...plain, inlineLimitBytes: 0 });
      let [under, most] = [0, 0];
      const fault = {
        before: () => void (most = Math.max(most, ++under)),
        after: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          under--;
        },
      };
      bench.faults.on("child", ...times(16, fault));
      const deliver = wrap(bench, () => noise(6 * mib - 2));
      await deliver();
      expect(bench.faults.log.filter((call) => call === "child")).toHaveLength(16);
      expect(most).toBeLessThanOrEqual(4);
      expect(most).toBeGreaterThan(1);
    });

    it("where TTL deleted the claim meanwhile, too", async () => {
      const bench = await openTable(plain);
      const deliver = wrap(bench, async () => {
        await bench.remove(id);
        return large;
      });
      await deliver();
      expect(bench.faults.log).toEqual(["claim", "child", "child", "child", "settle", "settle"]);
      expect(await wrap(bench)()).toBe(large);
    });

    it("and a run that lost its key leaves the winner's alone", async () => {
      const bench = await openTable(plain);
      const winner = wrap(bench, () => `${large}!`);
      const loser = wrap(bench, async () => {
        bench.clock.jump(leaseMs + 1001);
        await winner();
        return large;
      });
      expect(await loser()).toBe(`${large}!`);
      expect(loser.types()).toEqual(["claimed", "lease_lost", "replayed"]);
      expect(await wrap(bench)()).toBe(`${large}!`);
      expect(await childrenIn(bench)).toHaveLength(6); // the loser's go with TTL
    });

    it("and a crash between the items and the record leaves a key that is taken over", async () => {
      const bench = await openTable(plain);
      bench.faults.on("settle", { answer: "unsent" }, { answer: "unsent" }, { answer: "denied" });
      await wrap(bench, () => large)();
      bench.clock.jump(leaseMs + 1001);
      const next = wrap(bench, () => "next");
      expect([await next(), await wrap(bench)()]).toEqual(["next", "next"]);
    });
  });

  describe("an item of a result that is not written at once", () => {
    it.for([{ answer: "throttled" }, { answer: "conflict" }, { answer: "unsent" }, { answer: "lost" }] as const)(
      "$answer: only what is missing is sent again, and all is kept",
      async ({ answer }) => {
        const bench = await openTable({ ...plain, inlineLimitBytes: 0 });
        bench.faults.on("child", ...times(6, {}), { answer });
        const deliver = wrap(bench, () => noise(6 * mib - 2));
        await deliver();
        expect(deliver.types()).toEqual(after.kept);
        const sent = bench.faults.log.filter((call) => call === "child").length;
        expect(sent).toBe(17);
        expect((await wrap(bench)()) === noise(6 * mib - 2)).toBe(true);
      },
    );

    it.for([
      { answer: "throttled", reason: "throttled PutItem" },
      { answer: "conflict", reason: "another write" },
      { answer: "unsent", reason: "no answer to PutItem" },
      { answer: "lost", reason: "no answer to PutItem" },
      { answer: "denied", reason: "refused PutItem" },
    ] as const)("$answer, again and again: the work is done, its result is not kept", async ({ answer, reason }) => {
      const bench = await openTable(plain);
      bench.faults.on("child", ...times(300, { answer }));
      const deliver = wrap(bench, () => large);
      const startedAt = bench.clock.now();
      expect(await deliver()).toBe(large);
      expect(bench.clock.now() - startedAt).toBeLessThanOrEqual(3000);
      expect(deliver.types()).toEqual(after.lost);
      expect(deliver.events.at(-1)).toMatchObject({ reason: expect.stringContaining(reason) as string });
      expect(await bench.others.read(id)).toMatchObject({ status: "completed", encoding: "lost" });
      expect((await bench.others.read(id))?.chunks).toBeUndefined();
      const duplicate = wrap(bench, undefined, { onStoreUnavailable: "run" });
      expect((await refusal(duplicate())).code).toBe("RESULT_UNAVAILABLE");
      expect(duplicate.runs).toBe(0);
    });

    // Of 3 s, or of the time until the invocation's answer is due, half a second is left for the record, or half.
    const limits = [
      { name: "3 s", left: undefined, limit: 2500 },
      { name: "the invocation's answer", left: 1500, limit: 800 },
      { name: "the invocation's answer, which is due at once", left: 500, limit: 150 },
      { name: "3 s, where the context says that nothing is left", left: 0, limit: 2500 },
    ];

    it.for(limits)("late: given up in time for $name, and the record is completed without it", async ({ left, limit }) => {
      const bench = await openTable(plain);
      const silent = async () => {
        bench.clock.jump(limit);
        await new Promise(() => {});
      };
      bench.faults.on("child", {}, { before: silent });
      const deliver = wrap(bench, () => large);
      expect(await deliver(timed(bench, left))).toBe(large);
      expect(deliver.types()).toEqual(after.lost);
      expect(deliver.events.at(-1)).toMatchObject({ reason: "the result could not be written in time" });
      expect(await bench.others.read(id)).toMatchObject({ status: "completed", encoding: "lost" });
    });

    it.for(limits)("just in time for $name: kept", async ({ left, limit }) => {
      const bench = await openTable(plain);
      bench.faults.on("child", {}, { before: () => bench.clock.jump(limit - 1) });
      const deliver = wrap(bench, () => large);
      await deliver(timed(bench, left));
      expect(deliver.types()).toEqual(after.kept);
    });

    it("and another result under the same claim is another result", async () => {
      const bench = await openTable(plain);
      const startedAt = bench.clock.now();
      const ref = { ...record(bench), owner: "me", keyParts: order.id, retentionSeconds };
      const outcome = { status: "completed", encoding: "json", completedAt: startedAt, expiresAt: ref.expiresAt, write: "update" } as const;
      await bench.store.claim(ref);
      bench.faults.on("child", { answer: "denied" });
      await expect(bench.store.settle(ref, { ...outcome, text: large })).rejects.toMatchObject({ part: "result", maybeApplied: false });
      expect(await bench.store.settle(ref, { ...outcome, text: `${large}!` })).toMatchObject({ applied: true, kept: { bytes: mib + 1 } });
      expect(await bench.store.result((await bench.store.read(id))!)).toBe(`${large}!`);
    });

    it.for([{ answer: "throttled" }, { answer: "conflict" }, { answer: "unsent" }, { answer: "lost" }] as const)(
      "and the record without it, $answer, is written again: the work never runs twice",
      async ({ answer }) => {
        const bench = await openTable(plain);
        bench.faults.on("child", { answer: "denied" });
        bench.faults.on("settle", { answer });
        const deliver = wrap(bench, () => large);
        expect(await deliver()).toBe(large);
        expect(deliver.types()).toEqual(after.lost);
        expect(bench.faults.log.filter((call) => call === "settle")).toHaveLength(2);
        bench.clock.jump(leaseMs + 1001);
        const next = wrap(bench);
        expect((await refusal(next())).code).toBe("RESULT_UNAVAILABLE");
        expect(next.runs).toBe(0);
      },
    );

    it("and also without a claim, where the store could not be reached: the loss is told", async () => {
      const bench = await openTable(plain);
      bench.faults.on("claim", { answer: "unsent" });
      bench.faults.on("child", { answer: "denied" });
      const deliver = wrap(bench, () => large, { onStoreUnavailable: "run" });
      expect(await deliver()).toBe(large);
      expect(deliver.types()).toEqual(["store_error", "unprotected", "result_not_kept"]);
      expect(deliver.events.at(-1)).toMatchObject({ attempt: 0, reason: expect.stringContaining("refused PutItem") as string });
      expect(await bench.others.read(id)).toMatchObject({ status: "completed", encoding: "lost" });
    });

    it("and where that cannot be written either, the store's trouble is an event", async () => {
      const bench = await openTable(plain);
      bench.faults.on("child", { answer: "denied" });
      bench.faults.on("settle", { answer: "denied" });
      const deliver = wrap(bench, () => large);
      expect(await deliver()).toBe(large);
      expect(deliver.types()).toEqual(["claimed", "store_error"]);
      expect(await bench.others.read(id)).toMatchObject({ status: "in_progress" });
    });
  });

  describe("a large result is read back", () => {
    it("by one consistent request; what DynamoDB leaves is asked for again, and only that", async () => {
      const { bench, duplicate } = await kept();
      bench.faults.on("children", { answer: "unprocessed" }, { answer: "unprocessed" });
      expect(await duplicate()).toBe(large);
      expect(bench.faults.log.slice(-4)).toEqual(["claim", "children", "children", "children"]);
      const seen = (await bench.others.read(id))!;
      expect([await bench.store.result(seen), await bench.store.result(seen)]).toEqual([JSON.stringify(large), JSON.stringify(large)]);
    });

    it.for([
      { answer: "unprocessed", code: "STORE_UNAVAILABLE", kind: "conflict" },
      { answer: "throttled", code: "STORE_UNAVAILABLE", kind: "throttled" },
      { answer: "conflict", code: "STORE_UNAVAILABLE", kind: "conflict" },
      { answer: "unsent", code: "STORE_UNAVAILABLE", kind: "unreachable" },
      { answer: "lost", code: "STORE_UNAVAILABLE", kind: "unreachable" },
      { answer: "denied", code: "CONFIG_INVALID", kind: "misconfigured" },
    ] as const)("$answer, again and again: $code after 3 s at most, never a run, under run too", async ({ answer, code, kind }) => {
      const { bench, duplicate } = await kept({ onStoreUnavailable: "run" });
      bench.faults.on("children", ...times(300, { answer }));
      const startedAt = bench.clock.now();
      expect(await refusal(duplicate())).toMatchObject({ code, cause: { kind } });
      expect(bench.clock.now() - startedAt).toBeLessThanOrEqual(3000);
      expect(duplicate.types()).toEqual(["store_error"]);
      expect(duplicate.events[0]).toMatchObject({ during: "result" });
      expect(duplicate.runs).toBe(0);
      bench.faults.clear("children");
      expect(await duplicate()).toBe(large);
    });

    it("late: refused in time for the invocation's answer", async () => {
      const { bench, duplicate } = await kept();
      const silent = async () => {
        bench.clock.jump(1300);
        await new Promise(() => {});
      };
      bench.faults.on("children", { before: silent });
      expect((await refusal(duplicate(timed(bench, 1500)))).code).toBe("STORE_UNAVAILABLE");
      expect(duplicate.runs).toBe(0);
    });

    it.for([0, 1, 2])("a missing item (%i) is RESULT_UNAVAILABLE, never a run", async (n) => {
      const { bench, duplicate } = await kept({ onStoreUnavailable: "run" });
      const { pk, sk } = (await childrenIn(bench))[n] as Item;
      await bench.client.send(new DeleteItemCommand({ TableName: bench.tableName, Key: { pk: pk!, sk: sk! } }));
      expect((await refusal(duplicate())).code).toBe("RESULT_UNAVAILABLE");
      expect(duplicate.runs).toBe(0);
    });

    it("an item that is not what was written is RESULT_UNAVAILABLE, never a run", async () => {
      const { bench, duplicate } = await kept();
      const [item] = await childrenIn(bench);
      await bench.client.send(new PutItemCommand({ TableName: bench.tableName, Item: { ...item, result: { B: Buffer.from([0xff]) } } }));
      expect((await refusal(duplicate())).code).toBe("RESULT_UNAVAILABLE");
      expect(duplicate.runs).toBe(0);
    });

    it("after the answer to its completion was lost: kept, and nothing of it was sent twice", async () => {
      const bench = await openTable(plain);
      bench.faults.on("settle", { answer: "lost" });
      const deliver = wrap(bench, () => large);
      await deliver();
      expect(bench.faults.log).toEqual(["claim", "child", "child", "child", "settle", "settle"]);
      expect(deliver.events.at(-1)).toMatchObject({ type: "completed", encoding: "json", bytes: mib + 2 });
      expect(await wrap(bench)()).toBe(large);
    });

    it("until its record has expired, like any other", async () => {
      const { bench, duplicate } = await kept();
      bench.clock.jump(retentionSeconds * 1000 - 1000);
      expect(await duplicate()).toBe(large);
      bench.clock.jump(1001);
      expect(await duplicate()).toBe("again");
    });
  });
});
