// What the compiler must take and must refuse; checked by `tsc -p test`, never run.
import { expectTypeOf } from "vitest";
import {
  type Codec,
  type ErrorPolicy,
  idempotent,
  type IdempotencyEvent,
  type IdempotencyOptions,
  type KeyInput,
  type Replay,
  type Store,
} from "../../src/index.ts";

interface Order {
  readonly id: string;
  readonly amount: number;
}
interface Receipt {
  readonly receiptId: string;
}
interface Context {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

declare const store: Store;
declare function charge(order: Order, context: Context): Promise<Receipt>;
const base = { store, operation: "charge" } as const;
const keyed = { ...base, key: (order: Order) => order.id };

// Arguments and result are the function's own.
const wrapped = idempotent(charge, { ...base, key: (order) => order.id });
expectTypeOf(wrapped).toEqualTypeOf<(order: Order, context: Context) => Promise<Receipt>>();
expectTypeOf(idempotent((id: string) => id.length, { ...base, key: (id) => id })).toEqualTypeOf<(id: string) => Promise<number>>();
expectTypeOf(idempotent(() => "done", { ...base, key: () => 1 })).toEqualTypeOf<() => Promise<string>>();
expectTypeOf(idempotent(async () => {}, { ...base, key: () => 1 })).toEqualTypeOf<() => Promise<void>>();
expectTypeOf(idempotent(async (id: string): Promise<string | undefined> => id, { ...base, key: (id) => id })).toEqualTypeOf<
  (id: string) => Promise<string | undefined>
>();
expectTypeOf(idempotent((...ids: string[]) => ids, { ...base, key: (...ids) => ids })).toEqualTypeOf<
  (...ids: string[]) => Promise<string[]>
>();
expectTypeOf(idempotent<[Order, Context], Receipt>(charge, keyed)).toEqualTypeOf<(order: Order, context: Context) => Promise<Receipt>>();

// An optional argument stays optional, whatever `key` makes of it.
expectTypeOf(idempotent((id?: string) => id, { ...base, key: (id) => id })).toEqualTypeOf<(id?: string) => Promise<string | undefined>>();
void idempotent((order: Order, retries?: number) => order.amount + (retries ?? 0), {
  ...base,
  key: (order, retries) => [order.id, retries ?? 0],
})({ id: "a", amount: 1 });

// @ts-expect-error one argument is missing
void wrapped({ id: "a", amount: 1 });
// @ts-expect-error another order
void wrapped({ id: "a" }, {} as Context);

// What is asked of the arguments sees them typed.
idempotent(charge, {
  ...base,
  key(...args) {
    expectTypeOf(args).toEqualTypeOf<[order: Order, context: Context]>();
    return args[0].id;
  },
  fingerprint(order, context) {
    expectTypeOf(order).toEqualTypeOf<Order>();
    expectTypeOf(context).toEqualTypeOf<Context>();
    return order;
  },
  leaseMs(order, context) {
    expectTypeOf(order).toEqualTypeOf<Order>();
    return context.getRemainingTimeInMillis();
  },
  async onReplay(result, replay) {
    expectTypeOf(result).toEqualTypeOf<Receipt>();
    expectTypeOf(replay).toEqualTypeOf<Replay>();
    return { ...result, receiptId: `${result.receiptId} of attempt ${replay.attempt}` };
  },
  onError(error) {
    expectTypeOf(error).toEqualTypeOf<unknown>();
    return "hold";
  },
  onEvent(event) {
    expectTypeOf(event).toEqualTypeOf<IdempotencyEvent>();
  },
});

// All options, and each of them absent, undefined, or read-only.
const all: IdempotencyOptions<[Order, Context], Receipt> = {
  ...keyed,
  fingerprint: undefined,
  onMissingKey: "run",
  retentionSeconds: 3600,
  leaseMs: 10_000,
  onInProgress: { waitMs: 1000 },
  onLeaseExpired: "throw",
  onError: "keep",
  onStoreUnavailable: "run",
  codec: undefined,
  onReplay: undefined,
  onEvent: async () => {},
  enabled: false,
};
idempotent(charge, all);
idempotent(charge, Object.freeze({ ...all }));
expectTypeOf<ErrorPolicy>().toEqualTypeOf<"release" | "keep" | "hold">();

// A codec is of the result's type.
declare const receipts: Codec<Receipt>;
declare const texts: Codec<string>;
idempotent(charge, { ...keyed, codec: receipts });
// @ts-expect-error a codec of something else
idempotent(charge, { ...keyed, codec: texts });
// @ts-expect-error a codec without a name
idempotent(charge, { ...keyed, codec: { encode: String, decode: (): Receipt => ({ receiptId: "" }) } });

// What is required.
// @ts-expect-error no store
idempotent(charge, { operation: "charge", key: (order) => order.id });
// @ts-expect-error no operation
idempotent(charge, { store, key: (order: Order) => order.id });
// @ts-expect-error no key
idempotent(charge, base);
// @ts-expect-error no options
idempotent(charge);

// Wrong names.
// @ts-expect-error no such option
idempotent(charge, { ...keyed, retention: 60 });
// @ts-expect-error no such option
idempotent(charge, { ...keyed, onInProgress: { waitMs: 1000, pollMs: 50 } });

// Wrong values.
// @ts-expect-error a text
idempotent(charge, { ...keyed, retentionSeconds: "60" });
// @ts-expect-error a text
idempotent(charge, { ...keyed, leaseMs: "1000" });
// @ts-expect-error a promise
idempotent(charge, { ...keyed, leaseMs: async () => 1000 });
// @ts-expect-error not one of the two
idempotent(charge, { ...keyed, onMissingKey: "skip" });
// @ts-expect-error not one of the two
idempotent(charge, { ...keyed, onLeaseExpired: "takeover" });
// @ts-expect-error not one of the two
idempotent(charge, { ...keyed, onStoreUnavailable: "open" });
// @ts-expect-error not one of the three
idempotent(charge, { ...keyed, onError: "ignore" });
// @ts-expect-error not one of the three
idempotent(charge, { ...keyed, onError: () => "ignore" });
// @ts-expect-error neither "throw" nor { waitMs }
idempotent(charge, { ...keyed, onInProgress: "wait" });
// @ts-expect-error waitMs is missing
idempotent(charge, { ...keyed, onInProgress: {} });
// @ts-expect-error a text
idempotent(charge, { ...keyed, enabled: "true" });
// @ts-expect-error no store
idempotent(charge, { ...keyed, store: {} });
// @ts-expect-error answers with something else
idempotent(charge, { ...keyed, onReplay: () => "done" });

// Keys.
expectTypeOf<"a" | 1 | 1n | true>().toExtend<KeyInput>();
expectTypeOf<readonly [string, readonly (number | bigint)[]]>().toExtend<KeyInput>();
expectTypeOf<undefined>().not.toExtend<KeyInput>();
expectTypeOf<null>().not.toExtend<KeyInput>();
expectTypeOf<Date>().not.toExtend<KeyInput>();
expectTypeOf<{ id: string }>().not.toExtend<KeyInput>();
idempotent(charge, { ...base, key: (order) => (order.amount > 0 ? [order.id, order.amount, [true, 1n]] : undefined) });
// @ts-expect-error an object is no key
idempotent(charge, { ...base, key: (order: Order) => order });
// @ts-expect-error a promise is no key
idempotent(charge, { ...base, key: async (order: Order) => order.id });
// @ts-expect-error a part may be missing
idempotent(charge, { ...base, key: (order: Partial<Order>) => ["a", order.id] });
// @ts-expect-error no such argument
idempotent(charge, { ...base, key: (order: Order, context: Context, third: string) => third });
// @ts-expect-error no such member
idempotent(charge, { ...base, key: (order) => order.orderId });
// @ts-expect-error no function
idempotent(charge, { ...base, key: "id" });
