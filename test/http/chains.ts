// Chains of Middy around an idempotent handler, in both forms, and what a store has of them.
import type { IdempotencyEvent, Store, StoredRecord } from "../../src/index.ts";
import { httpIdempotency, type HttpOptions, idempotentHttp, type LambdaHandler } from "../../src/http/index.ts";
import type { Chain, Handler, Major, Middleware } from "../middy/majors.ts";
import { contextOf, type Form, type KeyedRequest, leaseMs, operation, payment, retentionSeconds } from "./api.ts";
import { type FrontDoor, payload2 } from "./front-doors.ts";
import { ownHeaders, type Received } from "./received.ts";

/** A function with its chain, and what happened in it. */
export interface Deliveries {
  /** Resolves with what Lambda gets; rejects with what the function throws. */
  (request?: KeyedRequest, context?: unknown): Promise<unknown>;
  /** How often the handler was called. */
  runs: number;
  readonly events: IdempotencyEvent[];
  types(): string[];
}

export interface ChainSetup {
  readonly form?: Form;
  readonly options?: Partial<HttpOptions>;
  readonly door?: FrontDoor;
  /** Of the chain that has the handler. */
  readonly plugin?: Parameters<Major["middy"]>[1];
  /** What stands around ours; what is registered first runs its `before` first. Without it nothing stands around idempotentHttp. */
  readonly outside?: (chain: Chain) => Chain;
  /** What stands between ours and the handler. */
  readonly inside?: (chain: Chain) => Chain;
}

/** Everybody shares keys, unless `options` say otherwise: lease 10 s, retention an hour. */
export function deliveriesOn(major: Major, store: Store, handler: Handler, setup: ChainSetup = {}): Deliveries {
  const { form = "httpIdempotency", door = payload2, plugin, outside, inside = (chain) => chain } = setup;
  const events: IdempotencyEvent[] = [];
  const onEvent = (event: IdempotencyEvent): void => void events.push(event);
  const options: HttpOptions = { store, operation, leaseMs, retentionSeconds, scope: "global", onEvent, ...setup.options };
  const counted = (...args: [never, never, never]): unknown => {
    deliveries.runs++;
    return handler(...args);
  };
  function build(): LambdaHandler<unknown, unknown, unknown> {
    const chain = major.middy(counted, plugin);
    if (form === "httpIdempotency") return inside((outside?.(chain) ?? chain).use(httpIdempotency(options) as Middleware));
    const once = idempotentHttp<unknown, unknown, unknown>(inside(chain), options);
    return outside === undefined ? once : outside(major.middy(once as Handler));
  }
  const built = build();
  let invocations = 0;
  const deliveries: Deliveries = Object.assign(
    (request: KeyedRequest = {}, context: unknown = contextOf(`request-${++invocations}`)) => built(eventOf(door, request), context),
    { runs: 0, events, types: () => events.map(({ type }) => type) },
  );
  return deliveries;
}

export function eventOf(door: FrontDoor, { key = "key-1", ...request }: KeyedRequest = {}): object {
  const headers = { ...(key !== null && { "Idempotency-Key": key }), ...request.headers };
  return door.event({ body: payment, ...request, headers });
}

/** The record of the last request that had a key, as the store has it. */
export async function recordOf(
  store: Store,
  { events }: { readonly events: readonly IdempotencyEvent[] },
): Promise<StoredRecord | undefined> {
  const keyHash = events.map((event) => ("keyHash" in event ? event.keyHash : undefined)).findLast((hash) => hash !== undefined);
  return store.read({ operation, keyHash: keyHash ?? "" });
}

/** What a promise comes to, an error as a value. */
export function outcome(delivery: Promise<unknown>): Promise<unknown> {
  return delivery.catch((error: unknown) => error);
}

/** A front door that shows a client the function's result as it is. */
export function raw(door: FrontDoor): FrontDoor {
  return { ...door, seen: (result) => result as Received };
}

/** As `createError` of Middy's and the package http-errors make them. */
export function httpError(statusCode: number, more: object = {}): Error {
  return Object.assign(new Error(`no: ${statusCode}`), {
    name: "HttpError",
    statusCode,
    status: statusCode,
    expose: statusCode < 500,
    ...more,
  });
}

/** What a client reads of a result of payload format 2.0, without what marks a replay. */
export function shown(result: unknown): unknown {
  const { headers, ...rest } = payload2.seen(result);
  return { ...rest, headers: ownHeaders(headers), body: rest.body.toString() };
}

/** `Idempotency-Status` of a result of payload format 2.0. */
export function stateOf(result: unknown): string | undefined {
  return payload2.seen(result).headers["idempotency-status"]?.[0];
}
