// "unknown" is a last word, so it is told only of what was so when somebody asked, however late the answer came.
import { describe, expect, it } from "vitest";
import { memoryBench } from "../support/bench.ts";
import { completedRecord, id, leaseMs, record, refusal, wrap } from "../support/deliveries.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";

const afterLeaseMs = leaseMs + 1001;

describe.each([memoryBench, dynamodbBench])("a read whose answer comes late, on $name", ({ available, open }) => {
  it.skipIf(!available)("is not judged by the time at which it came: the lease that it shows was live when it was asked for", async () => {
    const bench = await open();
    const first = record(bench);
    await bench.put(first);
    const extended = { ...first, leaseUntil: first.leaseUntil + 5000, expiresAt: first.expiresAt + 5 };
    bench.faults.on("claim", {
      async after() {
        await bench.put(extended);
        bench.clock.jump(afterLeaseMs);
      },
    });
    bench.faults.on("read", {
      async after() {
        await bench.put(completedRecord(bench, { leaseUntil: extended.leaseUntil }));
        bench.clock.jump(6000);
      },
    });
    const deliver = wrap(bench, undefined, { onLeaseExpired: "throw" });
    expect(await deliver()).toBe("theirs");
    expect(bench.faults.log).toEqual(["claim", "read", "read"]);
  });

  it.skipIf(!available)("likewise for whoever waits", async () => {
    const bench = await open();
    await bench.put(record(bench));
    bench.faults.on("read", {
      async after() {
        await bench.put(completedRecord(bench));
        bench.clock.jump(afterLeaseMs);
      },
    });
    const deliver = wrap(bench, undefined, { onLeaseExpired: "throw", onInProgress: { waitMs: 60_000 } });
    expect(await deliver()).toBe("theirs");
    expect(bench.faults.log).toEqual(["claim", "read", "read"]);
  });

  it.skipIf(!available)("a lease that had lapsed when it was asked for is unknown at once", async () => {
    const bench = await open();
    await bench.put(record(bench));
    bench.clock.jump(afterLeaseMs);
    bench.faults.on("read", { after: () => bench.clock.jump(6000) });
    const deliver = wrap(bench, undefined, { onLeaseExpired: "throw" });
    expect((await refusal(deliver())).code).toBe("OUTCOME_UNKNOWN");
    expect(bench.faults.log).toEqual(["claim", "read"]);
  });

  it.skipIf(!available)("a record that was put again begins its retention anew", async () => {
    const bench = await open();
    bench.faults.on("settle", { after: () => bench.clock.jump(2500) });
    let expected = 0;
    const deliver = wrap(bench, async () => {
      expected = ((await bench.others.read(id))?.expiresAt ?? 0) - leaseMs / 1000 + 3;
      await bench.remove(id);
      return "done";
    });
    expect(await deliver()).toBe("done");
    expect((await bench.others.read(id))?.expiresAt).toBe(expected);
  });
});
