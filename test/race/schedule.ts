// One schedule: a scenario's choices pick what happens next; then all that is left happens in order; then the key must be free.
import type { StoredRecord } from "../../src/core/record.ts";
import { expiryAfter } from "../../src/core/lease.ts";
import { toItem } from "../../src/dynamodb/item.ts";
import { type Delivery, deliver, newDelivery } from "./delivery.ts";
import { type Choice, fairChoices, faultChoices, isDone, pick, timeChoices } from "./choices.ts";
import type { Counts } from "./floors.ts";
import { id, olderOwner } from "./identity.ts";
import { type Invariants, watchInvariants } from "./invariants.ts";
import type { Scenario } from "./scenario.ts";
import { type Command, type MemoryTable, memoryTable } from "./table.ts";
import { epochMs, settled } from "./time.ts";
import type { Violation } from "./violation.ts";
import { openWorld, type World } from "./world.ts";

/** An engine beside the table in memory: it is asked the same, and must answer the same. */
export interface Engine {
  decide(command: Command, table: MemoryTable): Promise<object>;
  remove(key: string): Promise<void>;
  put(record: StoredRecord): Promise<void>;
}

/** What came of a schedule. */
export interface ScheduleResult {
  readonly violation: Violation | undefined;
  /** What struck, and how often. */
  readonly counts: Counts;
  readonly trace: readonly string[];
}

const maxSteps = 2000;

/** A schedule under way. */
interface Stage {
  readonly scenario: Scenario;
  readonly world: World;
  readonly invariants: Invariants;
  readonly deliveries: Delivery[];
  readonly counts: Record<string, number>;
}

export async function runSchedule(scenario: Scenario, options: { engine?: Engine; isLogged?: boolean } = {}): Promise<ScheduleResult> {
  const stage = await setUp(scenario, options);
  const { world, invariants, deliveries } = stage;
  const undelivered = [...deliveries];
  await playChoices(stage, undelivered);
  if (invariants.violation === undefined) await playOut(stage, undelivered);
  const counts = countsOf(stage); // before the probe, which is calm
  if (invariants.violation === undefined) await probe(stage);
  return { violation: invariants.violation, counts, trace: world.lines };
}

async function setUp(scenario: Scenario, { engine, isLogged = false }: { engine?: Engine; isLogged?: boolean }): Promise<Stage> {
  const table = memoryTable();
  const deliveries = scenario.deliveries.map((plan, n) => newDelivery("ABCDEFGH"[n] ?? `${n}`, plan));
  const world = openWorld({
    table,
    decide: (command) => (engine === undefined ? table.apply(command) : engine.decide(command, table)),
    async remove(key) {
      table.remove(key);
      await engine?.remove(key);
    },
    isLogged,
  });
  const invariants = watchInvariants(scenario, deliveries, world.now);
  world.watch(invariants);
  if (scenario.olderRun) {
    const record = olderRecord(scenario);
    table.put(toItem(record));
    await engine?.put(record);
    invariants.found(record);
    world.log(() => "a run of an older build holds the key");
  }
  return { scenario, world, invariants, deliveries, counts: {} };
}

// The scenario's choices pick what happens, until there is nothing left to happen.
async function playChoices(stage: Stage, undelivered: Delivery[]): Promise<void> {
  const { scenario, world, invariants, deliveries } = stage;
  for (const choice of scenario.choices) {
    const isIdle = undelivered.length === 0 && world.requests.length === 0 && deliveries.every(isDone);
    if (isIdle || invariants.violation !== undefined) return;
    const choices = [
      ...fairChoices(world, deliveries),
      ...nextDelivery(stage, undelivered),
      ...timeChoices(world),
      ...faultChoices(world, deliveries, scenario.leaseMs + scenario.retentionSeconds * 1000),
    ];
    const picked = pick(choices, choice);
    if (picked !== undefined) await happen(stage, picked);
  }
}

// From here on nothing goes wrong any more: all that is left happens in order.
async function playOut(stage: Stage, undelivered: Delivery[]): Promise<void> {
  const { world, invariants, deliveries } = stage;
  for (let steps = 0; invariants.violation === undefined; steps++) {
    const [next] = [...fairChoices(world, deliveries), ...nextDelivery(stage, undelivered)];
    if (next !== undefined) await happen(stage, next);
    else if (deliveries.every(isDone)) return;
    else {
      const due = world.nextTimer();
      if (due === undefined || steps > maxSteps) {
        const silent = deliveries.filter((one) => !isDone(one)).map(({ name }) => name);
        return invariants.violate("every delivery is answered", silent.join());
      }
      await world.advanceTo(due);
    }
  }
}

// A delivery that comes after all leases and meets no fault is told something final, and so is the next one.
async function probe(stage: Stage): Promise<void> {
  const { world, invariants, deliveries, scenario } = stage;
  const leaseUntil = world.record()?.leaseUntil ?? 0;
  await world.advanceTo(Math.max(world.now(), leaseUntil + 10_000));
  const answers: string[] = [];
  for (const name of ["Y", "Z"]) {
    const payload = world.record()?.fingerprint === "1:1" ? 1 : 0;
    const late = newDelivery(name, { skewMs: 0, payload, steps: [], ends: "small", parts: 1, sentLate: false });
    deliveries.push(late);
    await playOut({ ...stage, scenario: { ...scenario, waitMs: 0 }, deliveries: [late] }, [late]);
    const told = late.answer === undefined ? "nothing" : "code" in late.answer ? late.answer.code : "";
    if (/^(nothing|IN_PROGRESS|STORE_UNAVAILABLE|LEASE_LOST|KEY_REUSED)$/.test(told))
      invariants.violate("nothing stays stuck", `${name} is told ${told}`);
    answers.push(JSON.stringify(late.answer));
  }
  if (new Set(answers).size > 1) invariants.violate("equal answers", `a duplicate gets ${answers[1]}, not ${answers[0]}`);
}

function nextDelivery({ world, scenario, invariants }: Stage, undelivered: Delivery[]): Choice[] {
  const [next] = undelivered;
  if (next === undefined) return [];
  return [{ name: "deliveries", weight: 12, happen: () => deliver(world, scenario, undelivered.shift() ?? next, invariants) }];
}

async function happen({ counts }: Stage, { name, happen: happens }: Choice): Promise<void> {
  counts[name] = (counts[name] ?? 0) + 1;
  await happens();
  await settled();
}

function countsOf({ counts, deliveries, scenario }: Stage): Counts {
  const all: Record<string, number> = { ...counts, "lost answers": lostAnswers(counts) };
  const add = (name: string): void => void (all[name] = (all[name] ?? 0) + 1);
  for (const { run, answer, events, sent, firstReadAt } of deliveries) {
    events.forEach(add);
    sent.filter((text) => text.endsWith("put anew")).forEach(() => add("puts after TTL"));
    const isReplay = answer !== undefined && "value" in answer && events.includes("replayed");
    if (isReplay && scenario.waitMs > 0 && firstReadAt !== undefined && run === undefined) add("waits that end in a replay");
    if (isReplay && run !== undefined) add("losers with the winner's answer");
    if (run !== undefined) add("runs");
    if (answer !== undefined && "code" in answer) add(answer.code);
  }
  return all;
}

function lostAnswers(counts: Counts): number {
  return Object.entries(counts).reduce((sum, [name, count]) => (name.startsWith("lost answers: ") ? sum + count : sum), 0);
}

function olderRecord({ retentionSeconds }: Scenario): StoredRecord {
  return {
    id,
    version: 1,
    status: "in_progress",
    owner: olderOwner,
    attempt: 1,
    startedAt: epochMs,
    leaseUntil: epochMs + 8000,
    expiresAt: expiryAfter(epochMs, Math.min(retentionSeconds, 3)),
    fingerprint: "1:0",
  };
}
