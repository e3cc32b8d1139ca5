// What a schedule starts from, and the choices that it makes: drawn, and made smaller where one fails, by fast-check.
import * as fc from "fast-check";
import type { ErrorPolicy } from "../../src/core/options.ts";

/** One delivery of the key. */
export interface DeliveryPlan {
  /** How far its clock is ahead of the table's. Milliseconds. */
  readonly skewMs: number;
  /** Which payload it carries; most carry the same. */
  readonly payload: 0 | 1;
  /** What its handler does before it ends: works on, or asks for a longer lease (milliseconds from then). */
  readonly steps: readonly ("work" | "extend unawaited" | number)[];
  readonly ends: "small" | "large" | "throws";
  /** How many items a large result takes beside its record. */
  readonly parts: 1 | 2 | 3;
  /** Was the message sent after everything that is known to have failed? */
  readonly sentLate: boolean;
}

export interface Scenario {
  readonly leaseMs: number;
  readonly retentionSeconds: number;
  readonly waitMs: number;
  readonly hasDeadline: boolean;
  readonly onLeaseExpired: "run" | "throw";
  readonly onStoreUnavailable: "throw" | "run";
  readonly onError: ErrorPolicy;
  /** How often a client sends a request, as the SDK does. */
  readonly tries: number;
  /** Do all clocks agree within the margin? Beyond it less is promised. */
  readonly withinMargin: boolean;
  /** A run of an older build holds the key at the start; it counted the expiry of its record from its claim. */
  readonly olderRun: boolean;
  readonly deliveries: readonly DeliveryPlan[];
  /** Each picks one of the things that can happen next. */
  readonly choices: readonly number[];
}

const step = fc.oneof(
  { arbitrary: fc.constant("work" as const), weight: 3 },
  { arbitrary: fc.constantFrom(1000, 2500, 8000, 100, 700, "extend unawaited" as const), weight: 1 },
);

function delivery(skewsMs: readonly number[]): fc.Arbitrary<DeliveryPlan> {
  return fc.record({
    skewMs: fc.constantFrom(...skewsMs),
    payload: fc.constantFrom<0 | 1>(0, 0, 0, 0, 1),
    steps: fc.array(step, { maxLength: 3 }),
    ends: fc.constantFrom("small" as const, "small" as const, "large" as const, "throws" as const),
    parts: fc.oneof({ arbitrary: fc.constant(1 as const), weight: 14 }, { arbitrary: fc.constantFrom(2 as const, 3 as const), weight: 1 }),
    sentLate: fc.boolean(),
  });
}

function scenarioWith(withinMargin: boolean): fc.Arbitrary<Scenario> {
  return fc.record({
    leaseMs: fc.constantFrom(3000, 1000, 6000),
    retentionSeconds: fc.constantFrom(60, 2, 5),
    waitMs: fc.constantFrom(0, 0, 2000, 9000),
    hasDeadline: fc.boolean(),
    onLeaseExpired: fc.constantFrom("run" as const, "run" as const, "throw" as const),
    onStoreUnavailable: fc.constantFrom("throw" as const, "throw" as const, "throw" as const, "run" as const),
    onError: fc.constantFrom<ErrorPolicy>("release", "release", "keep", "keep", "hold"),
    tries: fc.constantFrom(2, 1),
    withinMargin: fc.constant(withinMargin),
    olderRun: fc.constantFrom(false, false, false, false, false, false, false, true),
    // Any two clocks differ by a second at most, or by up to seven.
    deliveries: fc.array(delivery(withinMargin ? [0, 500, -500, 499] : [0, 3500, -3500]), { minLength: 2, maxLength: 4 }),
    choices: fc.array(fc.nat({ max: 9999 }), { minLength: 10, maxLength: 60, size: "max" }),
  });
}

// Waits that outlast a lease: they must not end in "unknown" before that is sure, nor in a run after the invocation's end.
const waiting: fc.Arbitrary<Scenario> = fc.tuple(scenarioWith(true), fc.boolean()).map(([scenario, hasDeadline]) => ({
  ...scenario,
  waitMs: 9000,
  hasDeadline,
  onLeaseExpired: hasDeadline ? "run" : "throw",
  deliveries: scenario.deliveries.map((plan) => ({ ...plan, payload: 0 })),
}));

/** Most schedules keep their clocks within the margin. */
export const scenarios: fc.Arbitrary<Scenario> = fc.oneof(
  { arbitrary: scenarioWith(true), weight: 6 },
  { arbitrary: scenarioWith(false), weight: 2 },
  { arbitrary: waiting, weight: 3 },
);
