// One schedule: a scenario's choices pick what happens next; then all that is left happens in order; then the key must be free.
import type { StoredRecord } from "../../src/core/record.ts";
import { expiryAfter } from "../../src/core/lease.ts";
import { toItem } from "../../src/dynamodb/item.ts";
import { type Delivery, deliver, newDelivery } from "./delivery.ts";
import { type Choice, fairChoices, faultChoices, isDone, pick, timeChoices } from "./choices.ts";
import { id, olderOwner } from "./identity.ts";
import { type Invariants, type Violation, watchInvariants } from "./invariants.ts";
import type { DeliveryPlan, Scenario } from "./scenario.ts";
import { type Command, type ModelTable, modelTable } from "./table.ts";
import { epochMs, settled } from "./time.ts";
import { openWorld } from "./world.ts";

/** An engine beside the model table: it is asked the same, and must answer the same. */
export interface Engine {
  decide(command: Command, table: ModelTable): Promise<object>;
  remove(key: string): Promise<void>;
  put(record: StoredRecord): Promise<void>;
}

export interface Outcome {
  readonly violation: Violation | undefined;
  /** What struck, and how often. */
  readonly counts: Readonly<Record<string, number>>;
  readonly trace: readonly string[];
}

const maxSteps = 2000;

export async function runSchedule(scenario: Scenario, options: { engine?: Engine; isLogged?: boolean } = {}): Promise<Outcome> {
  const { engine, isLogged = false } = options;
  const table = modelTable();
  const deliveries = scenario.deliveries.map((plan, n) => newDelivery("ABCDEFGH"[n] ?? `${n}`, plan));
  const counts: Record<string, number> = {};
  let invariants: Invariants | undefined;
  const world = openWorld(
    {
      table,
      decide: (command) => (engine === undefined ? table.apply(command) : engine.decide(command, table)),
      async remove(key) {
        table.remove(key);
        await engine?.remove(key);
      },
      isLogged,
    },
    () => watcher,
  );
  const watcher: Invariants = (invariants = watchInvariants(scenario, deliveries, world.now));
  if (scenario.olderRun) {
    const record = olderRecord(scenario);
    table.put(toItem(record));
    await engine?.put(record);
    watcher.found(record);
    world.log(() => "a run of an older build holds the key");
  }

  const undelivered = [...deliveries];
  function start(delivery: Delivery): void {
    deliver(world, scenario, delivery, watcher);
  }
  async function happen({ name, happen: happens }: Choice): Promise<void> {
    counts[name] = (counts[name] ?? 0) + 1;
    await happens();
    await settled();
  }
  const isIdle = (): boolean => undelivered.length === 0 && world.requests.length === 0 && deliveries.every(isDone);
  const nextDelivery = (): Choice[] => {
    const [next] = undelivered;
    return next === undefined ? [] : [{ name: "deliveries", weight: 12, happen: () => start(undelivered.shift() ?? next) }];
  };

  for (const choice of scenario.choices) {
    if (invariants.violation !== undefined || isIdle()) break;
    const choices = [...fairChoices(world, deliveries), ...nextDelivery(), ...timeChoices(world), ...faultChoices(world, deliveries)];
    const picked = pick(choices, choice);
    if (picked !== undefined) await happen(picked);
  }
  // From here on nothing goes wrong any more.
  for (let steps = 0; invariants.violation === undefined; steps++) {
    const [next] = [...fairChoices(world, deliveries), ...nextDelivery()];
    if (next !== undefined) await happen(next);
    else if (deliveries.every(isDone)) break;
    else {
      const due = world.nextTimer();
      if (due === undefined || steps > maxSteps) {
        watcher.violate(
          "every delivery is answered",
          deliveries
            .filter((one) => !isDone(one))
            .map(({ name }) => name)
            .join(),
        );
        break;
      }
      await world.advanceTo(due);
    }
  }
  if (invariants.violation === undefined) await probe();
  for (const { run, answer, events } of deliveries) {
    for (const event of events) counts[event] = (counts[event] ?? 0) + 1;
    if (run !== undefined) counts["runs"] = (counts["runs"] ?? 0) + 1;
    if (answer !== undefined && "code" in answer) counts[answer.code] = (counts[answer.code] ?? 0) + 1;
  }
  return { violation: invariants.violation, counts, trace: world.lines };

  // A key is never stuck past its lease: a delivery that comes after all leases and meets no fault is told something final.
  async function probe(): Promise<void> {
    const leaseUntil = world.record()?.leaseUntil ?? 0;
    await world.advanceTo(Math.max(world.now(), leaseUntil + 10_000));
    const answers: string[] = [];
    for (const name of ["Y", "Z"]) {
      const payload = world.record()?.fingerprint === "1:1" ? 1 : 0;
      const plan: DeliveryPlan = { skewMs: 0, payload, steps: [], ends: "small", sentLate: false };
      const late = newDelivery(name, plan);
      deliveries.push(late);
      deliver(world, { ...scenario, waitMs: 0 }, late, watcher);
      await settled();
      for (let steps = 0; late.answer === undefined && steps < maxSteps; steps++) {
        const [next] = fairChoices(world, [late]);
        if (next !== undefined) await next.happen();
        else await world.advanceTo(world.nextTimer() ?? world.now());
        await settled();
      }
      const answer = late.answer as Delivery["answer"];
      if (answer === undefined || ("code" in answer && /^(IN_PROGRESS|STORE_UNAVAILABLE|LEASE_LOST|KEY_REUSED)$/.test(answer.code)))
        watcher.violate(
          "no key is stuck past its lease",
          `${name} gets ${answer === undefined ? "no answer" : "code" in answer ? answer.code : ""}`,
        );
      answers.push(JSON.stringify(answer));
    }
    if (new Set(answers).size > 1) watcher.violate("every answer is the kept one", `a duplicate gets ${answers[1]}, not ${answers[0]}`);
  }
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
