// Conformance 11: among Middy's official middlewares, inside and around. Through each front door a client gets what the chain
// would have answered without us, fresh and replayed, but for the marker headers.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Chain, type Handler, type Major, majors } from "../middy/majors.ts";
import { gist, type KeyedRequest } from "./api.ts";
import { type ChainSetup, deliveriesOn, eventOf, httpError } from "./chains.ts";
import { albMulti, type FrontDoor, frontDoors } from "./front-doors.ts";
import { joined, ownHeaders, type Received, type Result } from "./received.ts";
import { dynamodbLocal, suiteTables } from "./table-store.ts";

const origin = "https://shop.example";
const request: KeyedRequest = { body: { amount: 5 }, headers: { "Content-Type": "application/json", Origin: origin } };

/** What comes of a request. `runs`: of the handler, in two requests. `states`: what we mark both answers with. */
interface Case {
  readonly title: string;
  readonly handler?: (event: { readonly body: unknown }) => unknown;
  readonly request?: KeyedRequest;
  readonly status: number;
  readonly runs: number;
  readonly states: readonly string[];
  /** Is the answer made of an error? Where that is done outside of ours, there is nothing to mark. */
  readonly isError?: boolean;
}

const kept = ["created", "replayed"];
const freed = ["released", "released"];

const pay = ({ body }: { readonly body: unknown }): object => ({ statusCode: 201, headers: {}, body: { receipt: body } });

const cases: readonly Case[] = [
  { title: "an answer that the serializer makes a text of", status: 201, runs: 1, states: kept },
  {
    title: "an answer that is a text",
    handler: () => ({ statusCode: 200, headers: {}, body: "paid" }),
    status: 200,
    runs: 1,
    states: kept,
  },
  { title: "an error that is kept", handler: () => Promise.reject(httpError(402)), status: 402, runs: 1, states: kept, isError: true },
  { title: "an error that is released", handler: () => Promise.reject(httpError(409)), status: 409, runs: 2, states: freed, isError: true },
  {
    title: "an error without a status",
    handler: () => Promise.reject(new Error("down")),
    status: 500,
    runs: 2,
    states: freed,
    isError: true,
  },
  {
    title: "a request that the validator refuses",
    request: { ...request, body: { amount: "much" } },
    status: 400,
    runs: 0,
    states: kept,
    isError: true,
  },
];

interface Middlewares {
  readonly outer: (chain: Chain) => Chain;
  readonly inner: (chain: Chain) => Chain;
}

function official({ cors, errorHandler, jsonBodyParser, responseSerializer, validator }: Major): Middlewares {
  const serializers = [{ regex: /^application\/json$/, serializer: ({ body }: { body: unknown }) => toText(body) }];
  const isValid = (event: unknown): boolean => typeof (event as { body: { amount: unknown } }).body.amount === "number";
  return {
    outer: (chain) =>
      chain
        .use(cors({ origin }))
        .use(responseSerializer({ serializers, defaultContentType: "application/json" }))
        .use(errorHandler({ logger: false, fallbackMessage: "sorry" })),
    inner: (chain) => chain.use(jsonBodyParser()).use(validator({ eventSchema: isValid })),
  };
}

function toText(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** Middy knows single headers only: where the front door has lists, what docs/http.md has stands around the chain. */
function withSingleHeaders(door: FrontDoor): FrontDoor {
  if (door !== albMulti) return door;
  return {
    ...door,
    event(sent) {
      const { multiValueHeaders, ...event } = door.event(sent) as { multiValueHeaders: Record<string, string[]> };
      return { ...event, headers: joined(multiValueHeaders) };
    },
    seen(result) {
      const { headers, ...answer } = result as Result;
      const lists = Object.entries(headers ?? {}).map(([name, value]) => [name, [value]]);
      return door.seen({ ...answer, multiValueHeaders: { ...Object.fromEntries(lists), ...answer.multiValueHeaders } });
    },
  };
}

/** Without what we put on answers. */
function plain({ status, headers, cookies, body }: Received): object {
  return { status, headers: ownHeaders(headers), cookies, body: String(body) };
}

describe.skipIf(!dynamodbLocal.available).for(majors)("on $name", (major) => {
  const tables = suiteTables(dynamodbLocal);
  const { outer, inner } = official(major);
  const places: readonly { readonly place: string; readonly setup: ChainSetup }[] = [
    { place: "inside of httpIdempotency", setup: { form: "httpIdempotency", inside: (chain) => inner(outer(chain)) } },
    { place: "around idempotentHttp", setup: { form: "idempotentHttp", outside: outer, inside: inner } },
    { place: "inside of idempotentHttp", setup: { form: "idempotentHttp", inside: (chain) => inner(outer(chain)) } },
  ];
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
  afterEach(() => void vi.restoreAllMocks());

  describe.for(frontDoors.map(withSingleHeaders))("through: $name", (door) => {
    describe.for(places)("$place", ({ setup }) => {
      it.for(cases)("$title", async ({ handler = pay, request: sent = request, status, runs, states, isError = false }) => {
        const { store } = await tables();
        const bare = inner(outer(major.middy(handler as Handler)));
        const deliver = deliveriesOn(major, store, handler as Handler, { ...setup, door });
        const expected = plain(door.seen(await bare(eventOf(door, sent), {})));
        const [first, second] = [door.seen(await deliver(sent)), door.seen(await deliver(sent))];
        expect([first.status, plain(first), plain(second), deliver.runs]).toEqual([status, expected, expected, runs]);
        // An error that passes us has no marks. Thrown again it has, which Middy's error handler lays on the answer.
        const isMarked = !isError || setup.outside === undefined;
        const seen = isMarked ? states : [undefined, states === kept ? "replayed" : undefined];
        expect([gist(first)[1], gist(second)[1]]).toEqual(seen);
      });

      it("a preflight is not touched: what the chain answers, no event and no request", async () => {
        const { store, faults } = await tables();
        const handler = () => ({ statusCode: 204, headers: {}, body: "" });
        const preflight: KeyedRequest = { method: "OPTIONS", body: null, headers: { Origin: origin }, key: null };
        const bare = outer(major.middy(handler as Handler));
        const untouched = { ...setup, ...(setup.outside === undefined ? { inside: outer } : { outside: outer, inside: undefined }) };
        const deliver = deliveriesOn(major, store, handler as Handler, { ...(untouched as ChainSetup), door });
        expect(await deliver(preflight)).toEqual(await bare(eventOf(door, preflight), {}));
        expect([deliver.events, faults.log]).toEqual([[], []]);
      });
    });

    it("around idempotentHttp each refusal has the CORS headers", async () => {
      const { store, faults } = await tables();
      const during: Received[] = [];
      const deliver = deliveriesOn(
        major,
        store,
        async (event: never) => {
          if (deliver.runs === 1) during.push(door.seen(await deliver(request)));
          return pay(event);
        },
        { form: "idempotentHttp", outside: outer, inside: inner, door },
      );
      await deliver(request);
      const refusals = [...during];
      for (const sent of [
        { ...request, key: null },
        { ...request, key: "a b" },
        { ...request, body: { amount: 6 } },
      ]) {
        refusals.push(door.seen(await deliver(sent)));
      }
      faults.always({ answer: "throttled" });
      refusals.push(door.seen(await deliver({ ...request, key: "key-2" })));
      expect(refusals.map((each) => gist(each)[2])).toEqual([
        "idempotency_in_progress",
        "idempotency_key_missing",
        "idempotency_key_invalid",
        "idempotency_key_reused",
        "idempotency_store_unavailable",
      ]);
      for (const { headers } of refusals) expect(headers["access-control-allow-origin"]).toEqual([origin]);
    });
  });
});
