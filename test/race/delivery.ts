// One delivery: the real core over the real DynamoDB store, in a process of its own.
import type { Call } from "../../src/core/call.ts";
import { jsonCodec } from "../../src/core/codec.ts";
import { IdempotencyError, ReplayedError } from "../../src/core/errors.ts";
import { currentExecution } from "../../src/core/execution.ts";
import { run } from "../../src/core/run.ts";
import { dynamodbStore } from "../../src/dynamodb/store.ts";
import { id } from "./identity.ts";
import type { DeliveryPlan, Scenario } from "./scenario.ts";
import type { Sender, World } from "./world.ts";

const inlineLimitBytes = 40;

export interface Delivery extends Sender {
  readonly plan: DeliveryPlan;
  readonly owner: string;
  readonly fingerprint: string;
  /** World time. */
  startedAt: number;
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
}

export type Answer = { readonly value: unknown } | { readonly code: string; readonly message: string };

/** What is told of deliveries. */
export interface DeliveryWatcher {
  started(delivery: Delivery): void;
  lost(delivery: Delivery): void;
  answered(delivery: Delivery, answer: Answer): void;
}

export function newDelivery(name: string, plan: DeliveryPlan): Delivery {
  const large = plan.ends === "large" ? "large ".repeat(10) : "";
  return {
    name,
    plan,
    skewMs: plan.skewMs,
    owner: `owner-${name}`,
    fingerprint: `1:${plan.payload}`,
    value: `${large}result of ${name}`,
    startedAt: 0,
    dead: false,
    troubles: 0,
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
      if (type === "lease_lost") watcher.lost(delivery);
    },
  };

  const gate = (): Promise<void> => new Promise((resolve) => (delivery.goOn = resolve));

  async function work(): Promise<string> {
    const { attempt, extendLease } = currentExecution();
    const running: Run = (delivery.run = { attempt, ended: undefined });
    world.log(() => `${name} runs, attempt ${attempt}`);
    watcher.started(delivery);
    await gate();
    for (const step of plan.steps) {
      if (step !== "work") {
        delivery.events.push("extensions");
        await extendLease(step).catch((error: unknown) => extensionFailed(error, running));
      }
      await gate();
    }
    if (plan.ends === "large") delivery.events.push("large results");
    running.ended = plan.ends === "throws" ? "threw" : "returned";
    world.log(() => `${name}'s handler ${running.ended === "threw" ? "throws" : "returns"}`);
    if (plan.ends === "throws") throw new Error("declined");
    return delivery.value;
  }

  function extensionFailed(error: unknown, running: Run): void {
    const { code } = error as IdempotencyError;
    world.log(() => `${name}'s extension: ${code}`);
    if (code !== "LEASE_LOST") return; // it goes on with the lease that it has
    watcher.lost(delivery);
    running.ended = "threw";
    throw error;
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
    world.log(() => `${name} answers ${"value" in answer ? JSON.stringify(answer.value) : answer.code}`);
    watcher.answered(delivery, answer);
  }
}

function errorAnswer(error: unknown): Answer {
  if (error instanceof IdempotencyError) return { code: error.code, message: error.message };
  if (error instanceof ReplayedError) return { code: "replayed error", message: error.message };
  const { message, stack = "" } = error as Error;
  return message === "declined" ? { code: "the handler's error", message } : { code: "unexpected error", message: stack };
}
