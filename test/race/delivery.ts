// One delivery: the real core over the real DynamoDB store, in a process of its own.
import type { Call } from "../../src/core/call.ts";
import { jsonCodec } from "../../src/core/codec.ts";
import { IdempotencyError, ReplayedError } from "../../src/core/errors.ts";
import { currentExecution } from "../../src/core/execution.ts";
import { run } from "../../src/core/run.ts";
import { maxItemBytes } from "../../src/dynamodb/results.ts";
import { dynamodbStore } from "../../src/dynamodb/store.ts";
import { id } from "./identity.ts";
import type { DeliveryPlan, Scenario } from "./scenario.ts";
import type { Sender, World } from "./world.ts";

const inlineLimitBytes = 40;
/** Results that take so many items beside their record. */
const fillers = { 1: "large ".repeat(10), 2: "x".repeat(maxItemBytes), 3: "x".repeat(2 * maxItemBytes) } as const;

export interface Delivery extends Sender {
  readonly plan: DeliveryPlan;
  readonly fingerprint: string;
  /** World time. */
  startedAt: number;
  /** World time; when it first asked for the record. */
  firstReadAt: number | undefined;
  /** What its handler would answer with: no other delivery's does. */
  readonly value: string;
  run: Run | undefined;
  /** Opens the gate that its handler waits at. */
  goOn: (() => void) | undefined;
  answer: Answer | undefined;
  readonly events: string[];
}

export interface Run {
  readonly attempt: number;
  ended: "returned" | "threw" | undefined;
  /** By its own clock. */
  endedAt: number | undefined;
}

export type Answer = { readonly value: unknown } | { readonly code: string; readonly message: string };

/** What is told of deliveries. */
export interface DeliveryWatcher {
  /** Its handler starts; has its signal fired? */
  started(delivery: Delivery, isAborted: boolean): void;
  /** Its handler goes on; was it told to stop? */
  worksOn(delivery: Delivery, isAborted: boolean): void;
  /** It was told that its lease ends then at the earliest, by its own clock. */
  extended(delivery: Delivery, until: number): void;
  lost(delivery: Delivery): void;
  /** It was told that the table has this end of its run. */
  kept(delivery: Delivery, status: "completed" | "failed" | "held"): void;
  /** It asks for the record. */
  reads(delivery: Delivery): void;
  answered(delivery: Delivery, answer: Answer): void;
}

export function newDelivery(name: string, plan: DeliveryPlan): Delivery {
  const large = plan.ends === "large" ? fillers[plan.parts] : "";
  return {
    name,
    plan,
    skewMs: plan.skewMs,
    owner: `owner-${name}`,
    fingerprint: `1:${plan.payload}`,
    value: `${large}result of ${name}`,
    startedAt: 0,
    dead: false,
    sent: [],
    troubles: [],
    troublesBefore: 0,
    hasSeen: false,
    hasSeenOwn: false,
    reads: 0,
    endRefused: undefined,
    firstReadAt: undefined,
    run: undefined,
    goOn: undefined,
    answer: undefined,
    events: [],
  };
}

export function deliver(world: World, scenario: Scenario, delivery: Delivery, watcher: DeliveryWatcher): void {
  const { plan, name } = delivery;
  const clock = world.clockOf(delivery);
  const deadline = clock.now() + scenario.leaseMs;
  delivery.startedAt = world.now();
  const store = dynamodbStore({
    client: world.clientOf(delivery, scenario.tries) as never,
    tableName: "table",
    compressAboveBytes: 1_000_000, // compression would go on behind the scheduler's back
    inlineLimitBytes,
  });
  const call: Call = {
    store: {
      ...store,
      read(key) {
        delivery.events.push("reads");
        delivery.firstReadAt ??= world.now();
        watcher.reads(delivery);
        return store.read(key);
      },
    },
    clock,
    random: () => 0.5,
    newOwner: () => delivery.owner,
    policy: scenario,
    id,
    keyParts: "order-1",
    fingerprint: delivery.fingerprint,
    requestId: undefined,
    messageId: undefined,
    // Failures of before the schedule count as old for all, later ones for none, unless the message was sent late.
    retryFailedBeforeMs: plan.sentLate ? clock.now() : undefined,
    measureLeaseMs: () => (scenario.hasDeadline ? Math.max(1000, deadline - clock.now()) : scenario.leaseMs),
    deadline: () => (scenario.hasDeadline ? deadline : undefined),
    report: ({ type, ...event }) => {
      delivery.events.push("during" in event ? `${type} ${event.during}` : type);
      if ("from" in event) delivery.events.push(`taken over: ${event.from}`);
      if (type === "lease_lost") watcher.lost(delivery);
      if (type === "completed" || type === "failed" || type === "held") watcher.kept(delivery, type);
    },
  };

  async function gate(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => (delivery.goOn = resolve));
    watcher.worksOn(delivery, signal.aborted);
  }

  async function work(): Promise<string> {
    const { attempt, extendLease, signal } = currentExecution();
    const running: Run = (delivery.run = { attempt, ended: undefined, endedAt: undefined });

    async function extend(ms: number): Promise<void> {
      const until = clock.now() + ms;
      await extendLease(ms);
      watcher.extended(delivery, until);
    }

    function end(ended: "returned" | "threw"): void {
      running.ended = ended;
      running.endedAt = clock.now();
    }

    world.log(() => `${name} runs, attempt ${attempt}`);
    watcher.started(delivery, signal.aborted);
    await gate(signal);
    for (const step of plan.steps) {
      if (step !== "work") delivery.events.push("extensions");
      if (step === "extend unawaited") void extend(2500).catch((error: unknown) => extensionFailed(error, running));
      else if (step !== "work")
        await extend(step).catch((error: unknown) => {
          if (!extensionFailed(error, running)) return; // it goes on with the lease that it has
          end("threw");
          throw error;
        });
      await gate(signal);
    }
    if (plan.ends === "large") delivery.events.push(plan.parts === 1 ? "large results" : "results in parts");
    end(plan.ends === "throws" ? "threw" : "returned");
    world.log(() => `${name}'s handler ${running.ended === "threw" ? "throws" : "returns"}`);
    if (plan.ends === "throws") throw new Error("declined");
    return delivery.value;
  }

  /** Is the claim lost? */
  function extensionFailed(error: unknown, running: Run): boolean {
    const { code } = error as IdempotencyError;
    world.log(() => `${name}'s extension: ${code}`);
    const isLost = code === "LEASE_LOST";
    if (isLost && running.ended === undefined) watcher.lost(delivery); // after its end nothing can be extended
    return isLost;
  }

  const policy = { codec: jsonCodec, onReplay: undefined, onError: () => scenario.onError };
  world.log(() => `${name} is delivered`);
  run(call, policy, work).then(
    (value) => answered({ value }),
    (error: unknown) => answered(errorAnswer(error)),
  );

  function answered(answer: Answer): void {
    if (delivery.dead) return;
    delivery.answer = answer;
    world.log(() => `${name} answers ${"value" in answer ? JSON.stringify(answer.value).slice(-40) : answer.code}`);
    watcher.answered(delivery, answer);
  }
}

function errorAnswer(error: unknown): Answer {
  if (error instanceof IdempotencyError) return { code: error.code, message: error.message };
  if (error instanceof ReplayedError) return { code: "replayed error", message: error.message };
  const { message, stack = "" } = error as Error;
  return message === "declined" ? { code: "the handler's error", message } : { code: "unexpected error", message: stack };
}
