import { describe, expect, it } from "vitest";
import { type CallCounts, type Delivery, type Schedule, scheduleOf, type Wave } from "../../../src/testing/expect/schedule.ts";
import { simpler, simplest } from "../../../src/testing/expect/shrink.ts";

const counts: readonly CallCounts[] = [
  { claim: 1, settle: 1 },
  { claim: 0, settle: 0 },
  { claim: 2, settle: 2 },
];
const seeds = Array.from({ length: 300 }, (_, seed) => seed);

function deliveriesOf(schedule: Schedule): readonly Delivery[] {
  return schedule.flatMap((wave) => wave.deliveries);
}

describe("schedules", () => {
  it("are the same for a seed, and differ between seeds", () => {
    expect(scheduleOf(5, counts)).toEqual(scheduleOf(5, counts));
    expect(new Set(seeds.map((seed) => JSON.stringify(scheduleOf(seed, counts)))).size).toBe(seeds.length);
  });

  it("deliver each event twice or more", () => {
    for (const seed of seeds) {
      const events = deliveriesOf(scheduleOf(seed, counts)).map(({ event }) => event);
      for (const event of counts.keys()) expect([2, 3]).toContain(events.filter((other) => other === event).length);
    }
  });

  it("crash at requests that the event makes, at each of them and on both sides", () => {
    const points = seeds.flatMap((seed) =>
      deliveriesOf(scheduleOf(seed, counts)).flatMap(({ event, crash }) =>
        crash === undefined ? [] : [`${event} ${crash.when} ${crash.call} ${crash.nth}`],
      ),
    );
    const all = ["0 # claim 1", "0 # settle 1", "2 # claim 1", "2 # claim 2", "2 # settle 1", "2 # settle 2"];
    expect([...new Set(points)].sort()).toEqual(all.flatMap((point) => ["after", "before"].map((when) => point.replace("#", when))).sort());
  });

  it("have deliveries alone and at the same time, warm and cold, before and after the leases lapse", () => {
    const waves = seeds.flatMap((seed) => scheduleOf(seed, counts));
    expect(new Set(waves.map(({ deliveries }) => deliveries.length))).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set(waves.map(({ lapsed }) => lapsed))).toEqual(new Set([true, false]));
    expect(new Set(deliveriesOf(waves).map(({ cold }) => cold))).toEqual(new Set([true, false]));
  });
});

describe("the simplest schedule", () => {
  const size = (schedule: Schedule): number => deliveriesOf(schedule).length;

  async function shrunk(schedule: Schedule, fails: (schedule: Schedule) => boolean): Promise<Schedule> {
    return simplest(schedule, schedule, async (candidate) => (fails(candidate) ? candidate : undefined));
  }

  it("is one warm delivery where everything fails", async () => {
    for (const seed of seeds.slice(0, 50)) {
      const [wave, ...others] = await shrunk(scheduleOf(seed, counts), () => true);
      expect(others).toEqual([]);
      expect(wave).toEqual({
        lapsed: false,
        deliveries: [{ event: wave?.deliveries[0]?.event, cold: false, crash: undefined }],
        order: [],
      });
    }
  });

  it("keeps what the failure needs: a death, and a delivery beside it", async () => {
    const needed = (schedule: Schedule): boolean =>
      schedule.some(({ deliveries }) => deliveries.length > 1 && deliveries.some(({ crash }) => crash?.when === "after"));
    const schedule = seeds.map((seed) => scheduleOf(seed, counts)).find(needed) ?? [];
    const found = await shrunk(schedule, needed);
    expect(size(found)).toBe(2);
    expect(needed(found)).toBe(true);
  });

  it("keeps the order of requests, with the choices that it needs", async () => {
    const needed = (schedule: Schedule): boolean =>
      schedule.some(({ order, deliveries }) => deliveries.length > 1 && order[1] !== 0 && order.length > 1);
    const schedule = seeds.map((seed) => scheduleOf(seed, counts)).find(needed) ?? [];
    const [wave] = await shrunk(schedule, needed);
    expect(wave?.order.filter((choice) => choice !== 0)).toHaveLength(1);
  });

  it("shows two deliveries in good health rather than one that dies", async () => {
    const died: Wave = {
      lapsed: false,
      deliveries: [{ event: 0, cold: true, crash: { call: "settle", when: "after", nth: 1 } }],
      order: [],
    };
    const twice = (schedule: Schedule): boolean => size(schedule) > 1 || deliveriesOf(schedule).some(({ crash }) => crash !== undefined);
    const found = await shrunk([died], twice);
    expect(deliveriesOf(found)).toEqual([
      { event: 0, cold: false, crash: undefined },
      { event: 0, cold: false, crash: undefined },
    ]);
  });

  it("leaves out two deliveries of which neither can go alone", async () => {
    const wave = (event: number): Wave => ({ lapsed: false, deliveries: [{ event, cold: false }], order: [] });
    const together = {
      lapsed: false,
      deliveries: [
        { event: 0, cold: false },
        { event: 1, cold: false },
      ],
      order: [],
    };
    const even = (schedule: Schedule): boolean => {
      const events = deliveriesOf(schedule).map(({ event }) => event);
      return events.filter((event) => event === 0).length % 2 === 0 && events.includes(1);
    };
    for (const schedule of [
      [wave(0), wave(1), wave(0)],
      [together, wave(0)],
    ]) {
      expect(deliveriesOf(await shrunk(schedule, even))).toEqual([{ event: 1, cold: false }]);
    }
  });

  it("is sought among simpler ones only: no step leads back", () => {
    const weight = (schedule: Schedule): number =>
      schedule.reduce((sum, wave) => {
        const cold = wave.deliveries.filter((delivery) => delivery.cold).length;
        const crashes = wave.deliveries.filter(({ crash }) => crash !== undefined).length;
        const choices = wave.order.length + wave.order.filter((choice) => choice !== 0).length;
        return (
          sum +
          wave.deliveries.length * 1e6 +
          crashes * 1e8 +
          (wave.deliveries.length - 1) * 1e4 +
          choices * 100 +
          cold * 10 +
          Number(wave.lapsed)
        );
      }, 0);
    for (const seed of seeds.slice(0, 20)) {
      const schedule = scheduleOf(seed, counts);
      for (const candidate of simpler(schedule)) expect(weight(candidate)).toBeLessThan(weight(schedule));
    }
  });
});
