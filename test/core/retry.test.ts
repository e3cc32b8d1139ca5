import { describe, expect, it } from "vitest";
import type { Ports } from "../../src/core/call.ts";
import { backoffMs } from "../../src/core/clock.ts";
import { ask } from "../../src/core/retry.ts";
import { StoreFailure, type StoreFailureKind } from "../../src/core/store.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { testClock } from "../support/clock.ts";

const kinds: readonly StoreFailureKind[] = ["throttled", "conflict", "unreachable", "misconfigured"];

function portsWith(random: number): Ports {
  return { store: memoryStore(), clock: testClock({ auto: true }), random: () => random, newOwner: () => "owner" };
}

function failure(kind: StoreFailureKind, maybeApplied = false): StoreFailure {
  return new StoreFailure(kind, `${kind}!`, { maybeApplied });
}

/** A request that fails as told, and then answers. */
function failing(...failures: unknown[]): { (): Promise<string>; tries: number } {
  const request = async (): Promise<string> => {
    const failed = failures[request.tries++];
    if (failed !== undefined) throw failed;
    return "answer";
  };
  request.tries = 0;
  return request;
}

describe("asking the store", () => {
  it("gives the answer", async () => {
    expect(await ask(portsWith(1), failing())).toBe("answer");
  });

  it.for(kinds.map((kind) => ({ kind, tries: kind === "conflict" ? 2 : 1 })))("$kind: $tries tries", async ({ kind, tries }) => {
    const request = failing(failure(kind));
    const answer = await ask(portsWith(1), request);
    expect(request.tries).toBe(tries);
    if (kind === "conflict") expect(answer).toBe("answer");
    else expect(answer).toMatchObject({ name: "StoreFailure", kind, message: `${kind}!`, maybeApplied: false });
  });

  it.for([
    { random: 1, tries: 7, passed: 2550 }, // 50 + 100 + 200 + 400 + 800 + 1,000 ms; a seventh wait would end after 3 s
    { random: 0.5, tries: 10, passed: 2775 }, // 25 + 50 + 100 + 200 + 400 + 4 × 500 ms
    { random: 0.01, tries: 304, passed: 2996 }, // 1 + 1 + 2 + 4 + 8 + 298 × 10 ms
  ])("a conflict is retried for at most 3 s: jitter $random", async ({ random, tries, passed }) => {
    const ports = portsWith(random);
    const start = ports.clock.now();
    const request = failing(...Array.from({ length: 1000 }, () => failure("conflict")));
    expect(await ask(ports, request)).toMatchObject({ kind: "conflict" });
    expect({ tries: request.tries, passed: ports.clock.now() - start }).toEqual({ tries, passed });
  });

  it("what is worth no other try any more after the pause is not tried", async () => {
    const ports = portsWith(1);
    const start = ports.clock.now();
    const request = failing(failure("conflict"));
    const answer = await ask(ports, request, { retry: () => ports.clock.now() === start });
    expect(answer).toMatchObject({ kind: "conflict" });
    expect({ tries: request.tries, passed: ports.clock.now() - start }).toEqual({ tries: 1, passed: 50 });
  });

  it("a conflict that turns into something else is not retried further", async () => {
    const request = failing(failure("conflict"), failure("throttled"), failure("conflict"));
    expect(await ask(portsWith(1), request)).toMatchObject({ kind: "throttled" });
    expect(request.tries).toBe(2);
  });

  it.for([
    { name: "the last try alone", failures: [failure("unreachable", true)], maybeApplied: true },
    { name: "an earlier try alone", failures: [failure("conflict", true), failure("conflict"), failure("throttled")], maybeApplied: true },
    { name: "no try", failures: [failure("conflict"), failure("conflict"), failure("misconfigured")], maybeApplied: false },
  ])("may have been applied as soon as one try may have been: $name", async ({ failures, maybeApplied }) => {
    expect(await ask(portsWith(1), failing(...failures))).toMatchObject({ maybeApplied });
  });

  it.for([
    { name: "an error", thrown: new TypeError("odd"), message: "odd" },
    { name: "a text", thrown: "odd", message: "odd" },
  ])("$name that is no StoreFailure is unreachable, of unknown outcome", async ({ thrown, message }) => {
    const answer = await ask(portsWith(1), failing(thrown));
    expect(answer).toMatchObject({
      name: "StoreFailure",
      kind: "unreachable",
      maybeApplied: true,
      cause: thrown,
      message: expect.stringContaining(message) as string,
    });
  });

  it("a request that throws at once is a failure like any other", async () => {
    const answer = await ask(portsWith(1), () => {
      throw failure("throttled");
    });
    expect(answer).toMatchObject({ kind: "throttled" });
  });

  it.for(["throttled", "conflict"] as const)("counts as throttled once a try was %s, though the last one found nobody", async (kind) => {
    const answer = await ask(portsWith(1), failing(failure(kind), failure("unreachable", true)), {
      retry: () => true,
      until: portsWith(1).clock.now() + 100,
    });
    expect(answer).toMatchObject({ kind: "throttled", maybeApplied: true });
  });

  it("waits for a silent try until it is given up, and no longer", async () => {
    const clock = testClock();
    const asked = ask({ ...portsWith(1), clock }, () => new Promise<never>(() => {}), { giveUpAt: clock.now() + 5000 });
    let answer: unknown;
    void asked.then((said) => (answer = said));
    await clock.advance(4999);
    expect(answer).toBeUndefined();
    await clock.advance(1);
    expect(answer).toMatchObject({ kind: "unreachable", maybeApplied: true, message: "the store did not answer within 5000 ms" });
  });

  it.for([
    { giveUpAt: 150, tries: 2 },
    { giveUpAt: 151, tries: 3 },
  ])("starts no try that is not waited for: given up after $giveUpAt ms", async ({ giveUpAt, tries }) => {
    const ports = portsWith(1);
    const request = failing(...Array.from({ length: 10 }, () => failure("conflict")));
    expect(await ask(ports, request, { giveUpAt: ports.clock.now() + giveUpAt })).toMatchObject({ kind: "conflict" });
    expect(request.tries).toBe(tries);
  });

  it("sets no time limit where it is not told when to give up", async () => {
    const limited = (): never => {
      throw new Error("a time limit");
    };
    const clock = { now: () => 0, sleep: limited, timer: limited };
    expect(await ask({ ...portsWith(1), clock }, failing())).toBe("answer");
  });

  it("a clock whose sleeps take no time says nothing of how long a try takes", async () => {
    const clock = { now: () => 0, sleep: async () => {} };
    const slow = async (): Promise<string> => {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      return "answer";
    };
    expect(await ask({ ...portsWith(1), clock }, slow, { giveUpAt: 5000 })).toBe("answer");
  });

  it.for(["record", "result"] as const)("tells which part could not be written: the %s", async (part) => {
    const failed = new StoreFailure("throttled", "a", { maybeApplied: false, part });
    expect(await ask(portsWith(1), failing(failed))).toMatchObject({ part, cause: failed });
  });

  it("keeps the cause", async () => {
    const cause = new Error("below");
    expect(await ask(portsWith(1), failing(new StoreFailure("throttled", "a", { maybeApplied: false, cause })))).toMatchObject({ cause });
  });

  it("tries once where nothing may follow", async () => {
    const request = failing(failure("conflict"));
    expect(await ask(portsWith(1), request, { retry: () => true, until: Number.NEGATIVE_INFINITY })).toMatchObject({ kind: "conflict" });
    expect(request.tries).toBe(1);
  });

  it.for([
    { until: 150, tries: 2 },
    { until: 151, tries: 3 },
  ])("tries again where its caller says so, while a try can start before $until ms", async ({ until, tries }) => {
    const ports = portsWith(1);
    const request = failing(...Array.from({ length: 10 }, () => failure("unreachable")));
    expect(await ask(ports, request, { retry: () => true, until: ports.clock.now() + until })).toMatchObject({ kind: "unreachable" });
    expect(request.tries).toBe(tries);
  });
});

describe("backoff", () => {
  it.for([
    { attempt: 0, random: 1, ms: 50 },
    { attempt: 1, random: 1, ms: 100 },
    { attempt: 4, random: 1, ms: 800 },
    { attempt: 5, random: 1, ms: 1000 },
    { attempt: 5000, random: 1, ms: 1000 },
    { attempt: 1, random: 0.5, ms: 50 },
    { attempt: 1, random: 0.001, ms: 1 },
    { attempt: 1, random: 0, ms: 0 },
  ])("before try $attempt, jitter $random: $ms ms", ({ attempt, random, ms }) => {
    expect(backoffMs(attempt, () => random, 50, 1000)).toBe(ms);
  });
});
