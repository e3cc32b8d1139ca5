// An API under test: one idempotent handler, behind whichever front door a request comes in by.
import { expect } from "vitest";
import type { IdempotencyEvent, Store } from "../../src/index.ts";
import { httpIdempotency, type HttpOptions, idempotentHttp } from "../../src/http/index.ts";
import { type Handler, type Major, majors, type Middleware } from "../middy/majors.ts";
import type { Answer, ClientRequest, FrontDoor } from "./front-doors.ts";
import { joined, type Received } from "./received.ts";

export const operation = "payments";
export const leaseMs = 10_000;
export const retentionSeconds = 3600;

/** What a handler of a test does. `raw`: a result as it is, in no form of ours. */
export type Work = (event: never, context: never) => Returned | Promise<Returned>;
type Returned = Answer | { readonly raw: unknown };

/** Two ways to make a handler idempotent. */
export const forms = ["idempotentHttp", "httpIdempotency"] as const;
export type Form = (typeof forms)[number];

export interface ApiSetup {
  readonly form?: Form;
  readonly options?: Partial<HttpOptions>;
  /** Default: the newest. */
  readonly major?: Major;
}

/** Lambda's context, as far as it is looked at. */
export interface Context {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** A request with its key; default `key-1`, null: none. */
export interface KeyedRequest extends ClientRequest {
  readonly key?: string | readonly string[] | null;
}

export interface Api {
  /** A request through a front door, for a payment unless told otherwise. */
  send(door: FrontDoor, request?: KeyedRequest, context?: Context): Promise<Received>;
  /** How often the handler was called. */
  runs: number;
  readonly events: IdempotencyEvent[];
  /** Types of the events, in order. */
  types(): string[];
}

export const payment = { amount: 5, currency: "EUR" };

/** A charge that tells its runs apart. */
export function charge(): Work {
  let charges = 0;
  return () => ({ status: 201, headers: { "content-type": "application/json" }, body: `{"charge":${++charges}}` });
}

/** Everybody shares keys, unless `options` say otherwise: lease 10 s, retention an hour. */
export function apiOn({ store }: { readonly store: Store }, work: Work = charge(), setup: ApiSetup = {}): Api {
  const { form = "idempotentHttp", options = {}, major = majors.at(-1) as Major } = setup;
  const through = new WeakMap<object, FrontDoor>();
  const events: IdempotencyEvent[] = [];
  const all: HttpOptions = {
    store,
    operation,
    leaseMs,
    retentionSeconds,
    scope: "global",
    onEvent: (event) => events.push(event),
    ...options,
  };
  let invocations = 0;

  async function handler(event: object, context: object): Promise<unknown> {
    api.runs++;
    const returned = await work(event as never, context as never);
    return "raw" in returned ? returned.raw : through.get(event)?.result(returned);
  }

  const idempotent =
    form === "idempotentHttp"
      ? idempotentHttp(handler as (event: unknown, context: unknown) => Promise<unknown>, all)
      : major.middy(handler as Handler).use(httpIdempotency(all) as Middleware);

  const api: Api = {
    async send(door, { key = "key-1", ...request } = {}, context = contextOf(`request-${++invocations}`)) {
      const event = door.event({
        body: payment,
        ...request,
        headers: { ...(key !== null && { "Idempotency-Key": key }), ...request.headers },
      });
      through.set(event, door);
      return door.seen(await idempotent(event, context));
    },
    runs: 0,
    events,
    types: () => events.map(({ type }) => type),
  };
  return api;
}

export function contextOf(awsRequestId: string, leftMs: () => number = () => 30_000): Context {
  return { awsRequestId, getRemainingTimeInMillis: leftMs };
}

/** What a client reads of an answer, in one line of values: status, `Idempotency-Status`, and a problem's code. */
export function gist({ status, headers, body }: Received): unknown[] {
  const isProblem = headers["content-type"]?.[0] === "application/problem+json";
  const code = isProblem ? [(JSON.parse(body.toString()) as { code: string }).code] : [];
  return [status, headers["idempotency-status"]?.[0], ...code];
}

/** An answer without what marks a replay: markers of ours, and `cache-control`. */
export function unmarked({ status, headers, body }: Received): { status: number; headers: Record<string, string>; body: string } {
  const markers = /^(?:idempotency-(?:status|original-request)|idempotent-replayed|cache-control)$/;
  const others = Object.entries(joined(headers)).filter(([name]) => !markers.test(name));
  return { status, headers: Object.fromEntries(others), body: body.toString("base64") };
}

/** Holds that an answer is the replay of another, and marked as one. */
export function expectReplay(replay: Received, first: Received): void {
  expect(unmarked(replay)).toEqual(unmarked(first));
  expect(joined(replay.headers)).toMatchObject({
    "idempotent-replayed": "true",
    "idempotency-status": "replayed",
    "cache-control": "no-store",
  });
  expect(replay.cookies).toEqual([]);
}

/** A handler that waits: how many have begun, and what lets them go on. */
export function gate(): { readonly open: () => void; readonly passed: Promise<void> } {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), passed };
}
