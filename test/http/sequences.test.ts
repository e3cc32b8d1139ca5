// A property: no sequence of requests, crashes, lost answers, retries and leaps of time runs a handler again once an answer of
// its is kept, for as long as it is kept. Each request is a process of its own on one store.
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ReplayedError, type Store } from "../../src/index.ts";
import { httpIdempotency, type HttpOptions, idempotentHttp } from "../../src/http/index.ts";
import { type Fault, faultyStore, type StoreCall } from "../../src/testing/faults.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { type Handler, type Major, majors, type Middleware } from "../middy/majors.ts";
import { testClock, type TestClock } from "../support/clock.ts";
import { contextOf, type Form, forms, leaseMs, operation, retentionSeconds } from "./api.ts";
import { eventOf } from "./chains.ts";
import { type FrontDoor, frontDoors } from "./front-doors.ts";
import type { Received } from "./received.ts";

const major = majors.at(-1) as Major;
const retentionMs = retentionSeconds * 1000;
/** No request takes longer, whatever meets it. Milliseconds. */
const patienceMs = 4 * leaseMs;

/** What a run of the handler comes to: a status, an error, or nothing any more. */
type Ending = 201 | 302 | 404 | 409 | 503 | "throws" | "throws 404" | "dies";

interface Step {
  /** Time that passes before. Milliseconds. */
  readonly afterMs: number;
  readonly key: "a" | "b";
  /** One of two payloads; of a key mostly the same. */
  readonly amount: number;
  readonly ending: Ending;
  /** How long the handler takes, milliseconds. */
  readonly takesMs: number;
  /** Is it waited for, or does the next one come while it runs? */
  readonly isAlone: boolean;
  /** All have the same records. */
  readonly door: FrontDoor;
  readonly form: Form;
  readonly faults: readonly Fault[];
}

/** What is known of a key, by the handler and the store alone. */
interface Truth {
  /** How often its handler has begun. */
  runs: number;
  /** The runs whose answers have been kept. */
  readonly keptRuns: Set<number>;
  /** The last one of them, and when; epoch milliseconds. */
  kept?: { readonly at: number; readonly run: number } | undefined;
}

/** What has gone against the property, in words. */
type Violations = string[];

const endings: readonly Ending[] = [201, 302, 404, 409, 503, "throws", "throws 404", "dies"];
const kept: ReadonlySet<Ending> = new Set([201, 302, 404, "throws 404"]);

const someFault: fc.Arbitrary<Fault> = fc.record({
  call: fc.constantFrom<StoreCall>("claim", "takeOver", "settle", "settle", "read", "result"),
  nth: fc.integer({ min: 1, max: 3 }),
  does: fc.constantFrom<Fault["does"]>(
    "lose-answer",
    "throttle",
    "unreachable",
    "crash-before",
    "crash-after",
    { delayMs: 400 },
    { delayMs: leaseMs + 2000 },
  ),
});

const someStep: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(
    fc.constantFrom(0, 0, 1, 50, leaseMs - 1, leaseMs, leaseMs + 1000, leaseMs + 1001, retentionMs - 5000, retentionMs, retentionMs + 2000),
    fc.integer({ min: 0, max: 2 * leaseMs }),
  ),
  key: fc.constantFrom("a", "a", "a", "b"),
  amount: fc.constantFrom(5, 5, 5, 6),
  ending: fc.constantFrom(...endings, 201 as const),
  takesMs: fc.constantFrom(0, 0, 10, leaseMs - 500, leaseMs + 1500, 2 * leaseMs),
  isAlone: fc.boolean(),
  door: fc.constantFrom(...frontDoors),
  form: fc.constantFrom(...forms),
  faults: fc.array(someFault, { maxLength: 3 }),
});

const someOptions = fc.record({
  onLeaseExpired: fc.constantFrom("run", "throw"),
  onInProgress: fc.constantFrom("throw" as const, { waitMs: 2000 }),
});
type SomeOptions = typeof someOptions extends fc.Arbitrary<infer T> ? T : never;

/** Plays a sequence; `plant` breaks the store, `reached` counts what has happened. */
async function play(
  steps: readonly Step[],
  options: SomeOptions,
  plant: (store: Store) => Store = (store) => store,
  reached: Map<string, number> = new Map(),
): Promise<Violations> {
  const clock = testClock();
  const violations: Violations = [];
  const truths = new Map<string, Truth>();
  const inner = plant(memoryStore({ clock }));
  const underWay: Promise<unknown>[] = [];
  const count = (what: string): void => void reached.set(what, (reached.get(what) ?? 0) + 1);

  async function request(step: Step): Promise<void> {
    const { key, amount, ending, takesMs, faults, door, form } = step;
    const truth = truths.get(key) ?? { runs: 0, keptRuns: new Set() };
    truths.set(key, truth);
    let run = 0;

    async function handler(): Promise<unknown> {
      const sinceMs = clock.now() - (truth.kept?.at ?? Number.NEGATIVE_INFINITY);
      if (sinceMs < retentionMs) violations.push(`${key}: a run begins ${sinceMs} ms after run ${truth.kept?.run} was kept`);
      run = ++truth.runs;
      if (takesMs > 0) await clock.sleep(takesMs);
      if (ending === "dies") return new Promise(() => {});
      if (ending === "throws") throw new Error("down");
      if (ending === "throws 404") throw Object.assign(new Error(`run ${run}`), { statusCode: 404 });
      return { statusCode: ending, body: `run ${run}` };
    }

    // What the store has taken, whether or not anybody is told.
    const watched: Store = {
      ...inner,
      async settle(claim, outcome) {
        const answer = await inner.settle(claim, outcome);
        if (answer.applied && outcome.status === "completed") {
          if (!kept.has(ending)) violations.push(`${key}: ${ending} of run ${run} was kept`);
          truth.keptRuns.add(run);
          truth.kept = { at: outcome.completedAt, run };
        }
        return answer;
      },
    };
    const all: HttpOptions = {
      store: faultyStore(watched, faults),
      operation,
      leaseMs,
      retentionSeconds,
      scope: "global",
      onEvent: ({ type }) => type === "taken_over" && count("taken over"),
      ...options,
    };
    const once =
      form === "idempotentHttp" ? idempotentHttp(handler, all) : major.middy(handler as Handler).use(httpIdempotency(all) as Middleware);
    count("dead"); // until it answers
    const event = eventOf(door, { key, body: { amount } });
    const answered = await Promise.resolve(
      once(
        event,
        contextOf(`request-${key}`, () => 60_000),
      ),
    ).then(
      (result) => door.seen(result),
      (error: Error) => error,
    );
    reached.set("dead", (reached.get("dead") ?? 0) - 1);
    check(step, truth, run, answered);
  }

  /** What a client may be told. */
  function check({ key }: Step, { keptRuns }: Truth, run: number, answered: Received | Error): void {
    // An answer names its run. What was kept may have expired, and another be kept, while it was on its way.
    const isOfKept = (text: string): boolean => keptRuns.has(Number(/^run (\d+)$/.exec(text)?.[1]));
    if (answered instanceof Error) {
      const isAgain = answered instanceof ReplayedError;
      count(isAgain ? "thrown again" : "thrown");
      if (isAgain ? !isOfKept(answered.message) : !["down", `run ${run}`].includes(answered.message)) {
        violations.push(`${key}: threw ${answered.name}: ${answered.message}`);
      }
      return;
    }
    const state = answered.headers["idempotency-status"]?.[0];
    const text = answered.body.toString();
    count(state ?? "none");
    if (state === undefined) violations.push(`${key}: no state with ${answered.status}`);
    if (state === "created" && (text !== `run ${run}` || !isOfKept(text)))
      violations.push(`${key}: "${text}" is called created, and is not kept`);
    if (state === "replayed" && !isOfKept(text)) violations.push(`${key}: replayed "${text}", which nobody has kept`);
  }

  for (const step of steps) {
    await turn(clock, step.afterMs);
    const asked = request(step);
    underWay.push(asked);
    if (step.isAlone) await orDead(clock, asked);
    else await turn(clock, 0);
  }
  await orDead(clock, Promise.all(underWay));
  return violations;
}

async function turn(clock: TestClock, ms: number): Promise<void> {
  await clock.advance(ms);
}

/** Waits, as time passes, until a request is over; one that goes on for longer is of a process that is dead. */
async function orDead(clock: TestClock, asked: Promise<unknown>): Promise<void> {
  let isOver = false;
  void asked.then(() => (isOver = true));
  for (let ms = 0; !isOver && ms < patienceMs; ms += 500) await clock.advance(500);
}

const steps = fc.array(someStep, { minLength: 2, maxLength: 8 });

async function firstViolation(plant?: (store: Store) => Store, numRuns = 1000, seed?: number): Promise<Violations> {
  const found = await fc.check(
    fc.asyncProperty(steps, someOptions, async (given, options) => {
      const violations = await play(given, options, plant);
      if (violations.length > 0) throw new Error(violations.join("\n"));
    }),
    { numRuns, endOnFailure: true, ...(seed !== undefined && { seed }) },
  );
  if (!found.failed) return [];
  return [`seed ${found.seed}`, (found.errorInstance as Error).message, JSON.stringify(found.counterexample)];
}

beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {})); // of stores that are away
afterEach(() => void vi.restoreAllMocks());

describe("a handler whose answer is kept", () => {
  it("does not run again within its retention, whatever happens", { timeout: 120_000 }, async () => {
    expect(await firstViolation()).toEqual([]);
  });

  // A rule that has never been seen to fail is not a rule.
  it.for<{ name: string; plant: (store: Store) => Store; says: RegExp }>([
    {
      name: "forgets what is kept after half of its retention",
      plant: (store) => ({
        ...store,
        settle: (claim, outcome) =>
          store.settle(
            claim,
            outcome.status === "completed" ? { ...outcome, expiresAt: outcome.expiresAt - retentionSeconds / 2 } : outcome,
          ),
      }),
      says: /a run begins \d+ ms after run \d+ was kept/,
    },
    {
      name: "gives a key that is done to whoever asks",
      plant: (store) => ({
        ...store,
        async claim(request) {
          const answer = await store.claim(request);
          if (answer.applied || answer.record?.status !== "completed") return answer;
          return { ...answer, applied: false, record: { ...answer.record, status: "released" } };
        },
        async takeOver(seen, request) {
          const answer = await store.takeOver(seen, request);
          return answer.applied || answer.record?.status !== "completed" ? answer : { applied: true };
        },
      }),
      says: /a run begins \d+ ms after run \d+ was kept/,
    },
    {
      name: "says that it has taken what it has not",
      plant: (store) => ({ ...store, settle: async () => ({ applied: true }) }),
      says: /a run begins \d+ ms after run \d+ was kept/,
    },
  ])("is seen to run again on a store that $name", { timeout: 120_000 }, async ({ plant, says }) => {
    expect((await firstViolation(plant, 2000, 1)).join("\n")).toMatch(says);
  });

  it("the sequences reach what they are about", { timeout: 120_000 }, async () => {
    const reached = new Map<string, number>();
    for (const [given, options] of fc.sample(fc.tuple(steps, someOptions), { numRuns: 200, seed: 1 }))
      await play(given, options, undefined, reached);
    const states = ["created", "replayed", "released", "unsaved", "stale", "mismatch", "conflict", "uncertain", "rejected"];
    const other = ["thrown", "thrown again", "dead", "taken over"];
    for (const what of [...states, ...other])
      expect([what, reached.get(what) ?? 0]).toEqual([what, expect.toSatisfy((times: number) => times >= 5)]);
  });
});
