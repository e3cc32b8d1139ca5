import { describe, expect, it } from "vitest";
import { atMoment, type Clock, late, within } from "../../src/core/clock.ts";
import { testClock, type TestClock } from "../support/clock.ts";

/** The same clock, with timers of its own; each is told of and may fire early. */
function withTimers(clock: TestClock): Clock & { readonly running: () => number } {
  let running = 0;
  return {
    now: clock.now,
    sleep: () => Promise.reject(new Error("a clock with timers is not asked to sleep")),
    timer(ms, done) {
      const cancel = new AbortController();
      async function fire(): Promise<void> {
        running++;
        await clock.sleep(Math.ceil(ms / 2), cancel.signal);
        running--;
        if (!cancel.signal.aborted) done();
      }
      void fire();
      return () => cancel.abort();
    },
    running: () => running,
  };
}

/** The same clock, which only sleeps; a sleep may end early. */
function withSleeps(clock: TestClock): Clock & { readonly running: () => number } {
  let running = 0;
  return {
    now: clock.now,
    async sleep(ms, cancel) {
      running++;
      await clock.sleep(Math.ceil(ms / 2), cancel);
      running--;
      if (cancel?.aborted === true) throw new Error("cancelled");
    },
    running: () => running,
  };
}

it("a clock may be an object of a class, with a timer or without", async () => {
  class Turned implements Clock {
    readonly #clock = testClock();
    now(): number {
      return this.#clock.now();
    }
    sleep(ms: number, cancel?: AbortSignal): Promise<void> {
      return this.#clock.sleep(ms, cancel);
    }
    advance(ms: number): Promise<void> {
      return this.#clock.advance(ms);
    }
  }
  class Timed extends Turned {
    timer(ms: number, done: () => void): () => void {
      const cancel = new AbortController();
      void this.#fire(ms, done, cancel.signal);
      return () => cancel.abort();
    }
    async #fire(ms: number, done: () => void, cancelled: AbortSignal): Promise<void> {
      await this.sleep(Math.ceil(ms / 2), cancelled);
      if (!cancelled.aborted) done();
    }
  }
  for (const clock of [new Turned(), new Timed()]) {
    let reached = 0;
    const moment = clock.now() + 1000;
    atMoment(
      clock,
      () => moment,
      () => reached++,
    );
    await clock.advance(1000);
    expect(reached).toBe(1);
  }
});

describe.for([
  { name: "with timers", make: withTimers },
  { name: "that only sleeps", make: withSleeps },
])("on a clock $name", ({ make }) => {
  describe("a moment", () => {
    it("is reached when it has come, once, though the clock wakes early", async () => {
      const clock = testClock();
      let reached = 0;
      const moment = clock.now() + 1000;
      atMoment(
        make(clock),
        () => moment,
        () => reached++,
      );
      await clock.advance(999);
      expect(reached).toBe(0);
      await clock.advance(1);
      expect(reached).toBe(1);
      await clock.advance(10_000);
      expect(reached).toBe(1);
    });

    it("that moves is reached at its new time", async () => {
      const clock = testClock();
      let reached = false;
      let moment = clock.now() + 1000;
      atMoment(
        make(clock),
        () => moment,
        () => (reached = true),
      );
      await clock.advance(500);
      moment += 1000;
      await clock.advance(1499);
      expect(reached).toBe(false);
      await clock.advance(1);
      expect(reached).toBe(true);
    });

    it("that has passed is reached at once, and may be cancelled all the same", async () => {
      const clock = testClock();
      let reached = false;
      const cancel = atMoment(
        make(clock),
        () => clock.now(),
        () => (reached = true),
      );
      expect(reached).toBe(true);
      cancel();
    });

    it("that is cancelled is never reached, and leaves nothing behind", async () => {
      const clock = testClock();
      const made = make(clock);
      let reached = false;
      const moment = clock.now() + 1000;
      const cancel = atMoment(
        made,
        () => moment,
        () => (reached = true),
      );
      expect(made.running()).toBe(1);
      await clock.advance(900);
      cancel();
      await clock.advance(0);
      expect(made.running()).toBe(0);
      await clock.advance(10_000);
      expect(reached).toBe(false);
    });
  });

  describe("an answer", () => {
    it.for([
      { name: "in time", afterMs: 99, answer: "answer" },
      { name: "late", afterMs: 101, answer: late },
    ])("$name is $answer", async ({ afterMs, answer }) => {
      const clock = testClock();
      const asked = within(
        make(clock),
        100,
        clock.sleep(afterMs).then(() => "answer"),
      );
      await clock.advance(200);
      expect(await asked).toBe(answer);
    });

    it("that is an error is that error, and where it comes late, nobody's", async () => {
      const clock = testClock();
      const failing = (afterMs: number): Promise<never> =>
        clock.sleep(afterMs).then(() => {
          throw new Error("failed");
        });
      const early = within(make(clock), 100, failing(50)).catch((error: unknown) => error);
      const tooLate = within(make(clock), 100, failing(150));
      await clock.advance(200);
      expect(await early).toMatchObject({ message: "failed" });
      expect(await tooLate).toBe(late);
    });

    it("leaves no time limit behind", async () => {
      const clock = testClock();
      const made = make(clock);
      await within(made, 100, Promise.resolve("answer"));
      await clock.advance(0);
      expect(made.running()).toBe(0);
    });
  });
});
