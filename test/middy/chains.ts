import {
  currentExecution,
  type Execution,
  idempotent,
  type IdempotencyEvent,
  type IdempotencyOptions,
  type Store,
  type StoredRecord,
} from "../../src/index.ts";
import { hashKey } from "../../src/core/key.ts";
import { idempotency } from "../../src/middy/idempotency.ts";
import type { Bench } from "../support/bench.ts";
import { leaseMs, retentionSeconds } from "../support/deliveries.ts";
import type { Chain, Handler, Major, Middleware } from "./majors.ts";

/** The event, of which `id` is the key. */
export interface Order {
  readonly id?: string | undefined;
  readonly [more: string]: unknown;
}

export type Options = Partial<IdempotencyOptions<[event: Order, context: never], unknown>>;

/** Two ways to make one chain idempotent: the middleware, first in it, or its handler wrapped. */
export const forms = ["idempotency", "idempotent"] as const;
export type Form = (typeof forms)[number];

/** A chain of a test's own, with what happened in it. */
export interface Deliveries {
  (event?: Order, context?: unknown): Promise<unknown>;
  /** How often the handler was called. */
  runs: number;
  readonly events: IdempotencyEvent[];
  readonly types: () => string[];
  /** The record of a key, as the store has it. */
  record(key?: string): Promise<StoredRecord | undefined>;
}

export const operation = "charge";
export const order: Order = { id: "order-1" };

/** What every middleware and wrapper of these tests has: key is the event's id, lease 10 s, retention an hour. */
export function optionsOn(store: Store, more: Options = {}): IdempotencyOptions<[event: Order, context: never], unknown> {
  return { store, operation, key: (event) => event.id, leaseMs, retentionSeconds, ...more };
}

/** The middleware of these tests. */
export function middlewareOn(store: Store, more: Options = {}): Middleware {
  return idempotency(optionsOn(store, more)) as Middleware;
}

/** Makes a chain: idempotent in one of the two forms, then what else the test has in it. */
export function deliveriesOf(
  { middy }: Major,
  bench: Pick<Bench, "store" | "others">,
  handler: Handler = () => "done",
  { form = "idempotency", options = {}, plugin, chain = (made) => made }: Setup = {},
): Deliveries {
  const events: IdempotencyEvent[] = [];
  const all = optionsOn(bench.store, { onEvent: (event) => void events.push(event), ...options });
  const counted = (...args: [never, never, never]): unknown => {
    deliveries.runs++;
    return handler(...args);
  };
  const made =
    form === "idempotency"
      ? middy(counted, plugin).use(middlewareOn(bench.store, all))
      : middy(idempotent<[Order, never, never], unknown>(counted as never, all as never) as Handler, plugin);
  const built = chain(made);
  const deliveries: Deliveries = Object.assign((event: Order = order, context: unknown = {}) => built(event, context), {
    runs: 0,
    events,
    types: () => events.map(({ type }) => type),
    record: (key = "order-1") => bench.others.read({ operation, keyHash: hashKey(key) }),
  });
  return deliveries;
}

export interface Setup {
  readonly form?: Form;
  readonly options?: Options;
  readonly plugin?: Parameters<Major["middy"]>[1];
  /** What comes after the idempotency middleware. */
  readonly chain?: (made: Chain) => Chain;
}

/** The execution that this code runs in, or the code of the refusal. */
export function seen(): Execution | string {
  try {
    return currentExecution();
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** What a promise comes to, an error as a value. */
export function outcome(delivery: Promise<unknown>): Promise<unknown> {
  return delivery.catch((error: unknown) => error);
}

/** Lambda's context, as far as it is looked at. */
export function contextOf(leftMs: () => number): { awsRequestId: string; getRemainingTimeInMillis(): number } {
  return { awsRequestId: "request-1", getRemainingTimeInMillis: leftMs };
}

/** A turn of the microtask queue. */
export function tick(): Promise<void> {
  return Promise.resolve();
}
