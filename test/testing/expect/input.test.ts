import { expect, it } from "vitest";
import { idempotent, IdempotencyError } from "../../../src/index.ts";
import { expectIdempotent, type ExpectIdempotentOptions, type MakeHandler } from "../../../src/testing/expect/expect-idempotent.ts";
import { events as aws } from "../../../src/testing/index.ts";
import { events, type Order } from "./samples/sample.ts";

let charges = 0;
const charging: MakeHandler = ({ store }) =>
  idempotent(async (_: Order) => void charges++, { store, operation: "charge", key: ({ id }) => id });
const effects = (): unknown => ({ charges });
const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
class Mail {
  readonly to = "somebody";
}
const shrinking = ["a"];
const noted: unknown[] = [];
const mails: string[] = [];
const remembered = new Set<string>();

interface Case {
  readonly makeHandler?: unknown;
  readonly options?: Record<string, unknown>;
  /** Default: CONFIG_INVALID. */
  readonly code?: string;
  readonly path?: string;
  readonly says: string;
}

const cases: Record<string, Case> = {
  "no makeHandler": { makeHandler: 1, path: "makeHandler", says: "makeHandler is 1: give a function" },
  "a makeHandler that throws": {
    makeHandler() {
      throw new TypeError("no table");
    },
    path: "makeHandler",
    says: "makeHandler threw: no table",
  },
  "a makeHandler that gives no handler": {
    makeHandler: async () => {},
    path: "makeHandler()",
    says: "makeHandler() is an object: let it return the handler itself",
  },
  "no options": { options: undefined as never, path: "options", says: "options is undefined" },
  "an unknown option": { options: { event: [] }, path: "event", says: "event is a list: no such option" },
  "no events": { options: { events: [] }, path: "events", says: "events is empty: give a list of one event or more" },
  "events that are none": { options: { events: {} }, path: "events", says: "events is an object" },
  "an event that cannot be copied": {
    options: { events: [{}, { at: () => 1 }] },
    path: "events[1]",
    says: "events[1] cannot be copied for each delivery",
  },
  "no schedules": { options: { schedules: 0 }, path: "schedules", says: "schedules is 0: give a whole number" },
  "no seed": { options: { seed: -1 }, path: "seed", says: "seed is -1" },
  "a seed that no number of 32 bits has": { options: { seed: 2 ** 53 - 1 }, path: "seed", says: "a whole number from 0 to 2147483647" },
  "schedules without end": { options: { schedules: 1_000_001 }, path: "schedules", says: "a whole number from 1 to 1000000" },
  "a handler that answers with refusals only": {
    makeHandler: () => async () => ({ statusCode: 500 }),
    path: "events",
    says: 'events[0]: refused {"statusCode":500}',
  },
  "a handler that answers with failures of its batch only": {
    makeHandler: () => async () => ({ batchItemFailures: [{ itemIdentifier: "1" }] }),
    path: "events",
    says: "events[0]: refused",
  },
  "effects that differ each time": {
    makeHandler: () => async () => void noted.push(noted.length),
    options: { effects: () => noted },
    path: "effects",
    says: "it adds something else each time; leave out of effects() what is random",
  },
  "a key that one event does not have": {
    options: { events: [...events, { amount: 5 }] },
    code: "KEY_MISSING",
    path: "key",
    says: "events[2], delivered alone and undisturbed: ",
  },
  "a key that one event has of a kind that is none": {
    options: { events: [...events, { id: {} }] },
    code: "KEY_INVALID",
    says: "events[2], delivered alone and undisturbed: ",
  },
  "an option that is wrong where one event is handled": {
    makeHandler: (({ store }) =>
      async ({ id }: Order) =>
        idempotent(async () => void charges++, {
          store,
          operation: "charge",
          key: () => id,
          leaseMs: id === "order-2" ? -1 : 5000,
        })()) satisfies MakeHandler,
    path: "leaseMs",
    says: "events[1], delivered alone and undisturbed: leaseMs is -1",
  },
  "effects of a delivery": {
    makeHandler: () => async (event: { requestContext: { requestId: string } }) => void noted.push(event.requestContext.requestId),
    options: { effects: () => noted, events: [aws.apiGatewayV2()] },
    path: "effects",
    says: "or belongs to one delivery, such as a request id",
  },
  "a short retention": {
    makeHandler: (({ store }) =>
      idempotent(async (_: Order) => void charges++, {
        store,
        operation: "charge",
        key: ({ id }) => id,
        retentionSeconds: 40,
      })) satisfies MakeHandler,
    path: "retentionSeconds",
    says: 'retentionSeconds of operation "charge" is 40: its record expires within a schedule',
  },
  "events that share an inner key whose work differs": {
    makeHandler: (({ store }) => {
      const mail = idempotent(async ({ id }: Order) => void mails.push(id), { store, operation: "mail", key: () => "same" });
      return idempotent(async (order: Order) => mail(order), { store, operation: "charge", key: ({ id }) => id });
    }) satisfies MakeHandler,
    options: { effects: () => mails },
    path: "events[1]",
    says: "what they do depends on their order, ",
  },
  "no effects": { options: { effects: 1 }, path: "effects", says: "effects is 1: give a function" },
  "effects that throw": {
    options: {
      effects() {
        throw new Error("no such table");
      },
    },
    path: "effects",
    says: "effects() failed: no such table",
  },
  "a reset that rejects": { options: { reset: () => Promise.reject(new Error("down")) }, path: "reset", says: "reset() failed: down" },
  "effects of nothing": {
    options: { effects: () => undefined },
    path: "effects()",
    says: "effects() is undefined: it must be a number, a list",
  },
  "effects that are a function": {
    options: { effects: () => effects },
    path: "effects()",
    says: "effects() is a function: it must be a number, a list",
  },
  "effects that are a text": {
    options: { effects: () => "paid" },
    path: "effects()",
    says: 'effects() is "paid": it must be a number, a list, or an object of these',
  },
  "effects that are a boolean": { options: { effects: () => true }, path: "effects()", says: "effects() is true: it must be a number" },
  "effects that are of a class": { options: { effects: () => new Mail() }, path: "effects()", says: "effects() is an instance of Mail" },
  "a handler with a callback": {
    makeHandler: () => (_event: unknown, _context: unknown, done: (error: null) => void) => done(null),
    path: "makeHandler()",
    says: "makeHandler() is a handler of 3 parameters, and a callback or a response stream is not given: let it take event and context",
  },
  "effects with a class": {
    options: { effects: () => ({ sent: [new Mail()] }) },
    path: "effects().sent[0]",
    says: ": give numbers, which are compared by their difference",
  },
  "effects with NaN": { options: { effects: () => ({ sum: Number.NaN }) }, path: "effects().sum", says: "effects().sum is NaN: give" },
  "effects that refer back": { options: { effects: () => cyclic }, path: "effects().self", says: "refers back to what contains it" },
  "effects that shrink": {
    options: { effects: () => shrinking.splice(0) },
    path: "effects()",
    says: 'effects() no longer has effects() "a": what changes or goes away cannot be compared: list what was done',
  },
  "effects that see nothing": {
    options: { effects: () => 0 },
    path: "effects",
    says: "effects() is the same after each event as before; events[0]: answered null: let it answer with what the handler does",
  },
  "a handler that only throws": {
    makeHandler: () => () => {
      throw new TypeError("event.order is undefined");
    },
    path: "events",
    says: "no event is answered when it is delivered alone; events[0]: threw TypeError: event.order is undefined: give one",
  },
  "effects that remember": {
    makeHandler: () => async (order: Order) => void remembered.add(order.id),
    options: { effects: () => remembered },
    path: "effects",
    says: 'events[0] on an empty store added +1 × effects() "order-1" at first and nothing later: something outside of the store',
  },
  "two events of one key": {
    options: { events: [{ id: "order-1" }, { id: "order-2" }, { id: "order-1" }] },
    path: "events[2]",
    says: 'events[2] claims a key that events[0] claims, of operation "charge" (key hash ',
  },
};

it.for(Object.keys(cases))("%s: an error that names it", async (name) => {
  const { makeHandler = charging, options, code = "CONFIG_INVALID", path, says } = cases[name] ?? { says: "" };
  const given = name === "no options" ? undefined : { events, effects, ...options };
  const error: unknown = await expectIdempotent(makeHandler as MakeHandler, given as ExpectIdempotentOptions).then(
    () => "it passed",
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(IdempotencyError);
  expect(error).toMatchObject({ code, ...(path !== undefined && { path }) });
  expect((error as Error).message).toContain(says);
  if (path?.startsWith("effects")) expect((error as Error).message).not.toMatch(/fingerprint|payload/);
});
