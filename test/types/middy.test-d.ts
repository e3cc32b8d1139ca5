// What the compiler must take and must refuse of the Middy middleware, on both majors; checked by `tsc -p test`, never run.
import middy7, { type MiddlewareObj, type MiddyfiedHandler } from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2, Context, SQSEvent } from "aws-lambda";
import middy6, { type MiddlewareObj as MiddlewareObj6, type MiddyfiedHandler as MiddyfiedHandler6 } from "middy6-core";
import { expectTypeOf } from "vitest";
import { type Codec, idempotent, type Replay, type Store } from "../../src/index.ts";
import { idempotency, type IdempotencyOptions, type LambdaContext } from "../../src/middy/idempotency.ts";

interface Order {
  readonly orderId: string;
}
interface Receipt {
  readonly receiptId: string;
}

declare const store: Store;
declare function charge(order: Order): Promise<Receipt>;
const base = { store, operation: "charge" } as const;
const keyed = { ...base, key: (event: Order) => event.orderId };

expectTypeOf<LambdaContext>().toEqualTypeOf<Context>();

// The middleware is Middy's own type, of either major; the event is that of `key`.
expectTypeOf(idempotency(keyed)).toEqualTypeOf<MiddlewareObj<Order, unknown>>();
expectTypeOf(idempotency(keyed)).toExtend<MiddlewareObj6<Order, unknown>>();
expectTypeOf(idempotency<Order, Receipt>({ ...base, key: (event) => event.orderId })).toEqualTypeOf<MiddlewareObj<Order, Receipt>>();

// `use` tells a middleware nothing of the handler: the event needs a type of its own, else it is unknown, and never any.
middy7<Order, Receipt>(charge).use(idempotency({ ...base, key: (event: Order) => event.orderId }));
middy7<Order, Receipt>(charge).use(idempotency<Order>({ ...base, key: (event) => event.orderId }));
// @ts-expect-error the event is unknown
middy7<Order, Receipt>(charge).use(idempotency({ ...base, key: (event) => event.orderId }));
// @ts-expect-error the event is unknown
middy6<Order, Receipt>(charge).use(idempotency({ ...base, key: (event) => event.orderId }));

// The chain keeps the handler's types.
type Called = [args: [event: Order, context: Context], answer: Promise<Receipt>];
declare function called<A extends unknown[], R>(chain: (...args: A) => R): [args: A, answer: R];
expectTypeOf(called(middy7(charge).use(idempotency(keyed)))).toEqualTypeOf<Called>();
expectTypeOf(called(middy6(charge).use(idempotency(keyed)))).toEqualTypeOf<Called>();
expectTypeOf(middy7(charge).use(idempotency(keyed))).toExtend<MiddyfiedHandler<Order, Receipt>>();
expectTypeOf(middy6(charge).use(idempotency(keyed))).toExtend<MiddyfiedHandler6<Order, Receipt>>();

// In a list (whose context is any: so Middy types lists), before `handler`, and among other middlewares.
expectTypeOf(called(middy7(charge).use([idempotency(keyed)]))[0][0]).toEqualTypeOf<Order>();
expectTypeOf(called(middy6(charge).use([idempotency(keyed)]))[0][0]).toEqualTypeOf<Order>();
expectTypeOf(called(middy7().use(idempotency(keyed)).handler(charge))[0]).toEqualTypeOf<Called[0]>();
expectTypeOf(called(middy6().use(idempotency(keyed)).handler(charge))[0]).toEqualTypeOf<Called[0]>();
declare const other: MiddlewareObj<unknown, unknown>;
declare const other6: MiddlewareObj6<unknown, unknown>;
expectTypeOf(called(middy7(charge).use(other).use(idempotency(keyed)).use(other))).toEqualTypeOf<Called>();
expectTypeOf(called(middy6(charge).use(other6).use(idempotency(keyed)).use(other6))).toEqualTypeOf<Called>();
middy7(charge).use([other, idempotency(keyed), other]);
middy6(charge).use([other6, idempotency(keyed), other6]);

// An event that is not that of `key`.
declare const sqs: (event: SQSEvent) => Promise<void>;
// @ts-expect-error a chain takes what all its middlewares take
void middy7(sqs).use(idempotency(keyed))({ Records: [] }, {} as Context);
// @ts-expect-error a chain takes what all its middlewares take
void middy6(sqs).use(idempotency(keyed))({ Records: [] }, {} as Context);
declare const invoice: (event: { invoiceId: string }) => Promise<void>;
// @ts-expect-error the handler takes another event
middy7().use(idempotency(keyed)).handler(invoice);
// @ts-expect-error the handler takes another event
middy6().use(idempotency(keyed)).handler(invoice);

// Real events and results.
const http = idempotency<APIGatewayProxyEventV2, APIGatewayProxyResultV2>({
  ...base,
  key: (event) => event.headers["idempotency-key"],
  fingerprint: (event) => event.body,
  onReplay: (result) =>
    typeof result === "string" ? result : { ...result, headers: { ...result.headers, "idempotent-replayed": "true" } },
});
middy7<APIGatewayProxyEventV2, APIGatewayProxyResultV2>(async () => ({ statusCode: 201 })).use(http);
middy6<APIGatewayProxyEventV2, APIGatewayProxyResultV2>(async () => ({ statusCode: 201 })).use(http);

// What is asked of event, context and result sees them typed.
idempotency<Order, Receipt>({
  ...base,
  key(...args) {
    expectTypeOf(args).toEqualTypeOf<[event: Order, context: Context]>();
    return args[0].orderId;
  },
  fingerprint(event, context) {
    expectTypeOf(event).toEqualTypeOf<Order>();
    expectTypeOf(context).toEqualTypeOf<Context>();
    return event;
  },
  leaseMs: (_event, context) => context.getRemainingTimeInMillis(),
  onReplay(result, replay) {
    expectTypeOf(result).toEqualTypeOf<Receipt>();
    expectTypeOf(replay).toEqualTypeOf<Replay>();
    return result;
  },
});

// The result is that of `onReplay` or `codec`.
declare const receipts: Codec<Receipt>;
declare const texts: Codec<string>;
expectTypeOf(idempotency({ ...keyed, onReplay: (result: Receipt) => result })).toEqualTypeOf<MiddlewareObj<Order, Receipt>>();
expectTypeOf(idempotency({ ...keyed, codec: receipts })).toEqualTypeOf<MiddlewareObj<Order, Receipt>>();
idempotency({ ...keyed, codec: receipts, onReplay: (result) => ({ receiptId: result.receiptId }) });
// @ts-expect-error a codec of something else
idempotency<Order, Receipt>({ ...keyed, codec: texts });
// @ts-expect-error answers with something else
idempotency<Order, Receipt>({ ...keyed, onReplay: () => "done" });

// A context that earlier middlewares have added to.
type WithTenant = Context & { readonly tenant: string };
const perTenant = idempotency({ ...base, key: (event: Order, context: WithTenant) => [context.tenant, event.orderId] });
expectTypeOf(perTenant).toEqualTypeOf<MiddlewareObj<Order, unknown, Error, WithTenant>>();
expectTypeOf(called(middy7(charge).use(perTenant))[0][1]).toEqualTypeOf<WithTenant & Context>();
expectTypeOf(called(middy6(charge).use(perTenant))[0][1]).toEqualTypeOf<WithTenant & Context>();
// @ts-expect-error no such member
idempotency({ ...base, key: (event: Order, context) => [context.tenant, event.orderId] });
// @ts-expect-error no context of Lambda's
idempotency({ ...base, key: (event: Order, context: { tenant: string }) => [context.tenant, event.orderId] });

// The other form: the handler wrapped.
const wrapped = idempotent(async (event: Order, _context: Context): Promise<Receipt> => charge(event), {
  ...base,
  key: (event) => event.orderId,
});
expectTypeOf(called(middy7(wrapped))).toEqualTypeOf<Called>();
expectTypeOf(called(middy6(wrapped))).toEqualTypeOf<Called>();
expectTypeOf(called(middy7(wrapped).use(other))).toEqualTypeOf<Called>();
expectTypeOf(called(middy6(wrapped).use(other6))).toEqualTypeOf<Called>();
expectTypeOf(called(middy7(idempotent(charge, { ...base, key: (event) => event.orderId })))).toEqualTypeOf<Called>();
middy7(
  idempotent(
    (event: Order, _context: Context, { signal }: { signal: AbortSignal }) => {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return charge(event);
    },
    { ...base, key: (event) => event.orderId },
  ),
);

// What is required, and what is refused.
expectTypeOf<IdempotencyOptions<[event: Order, context: Context], Receipt>>().toExtend<Parameters<typeof idempotency<Order, Receipt>>[0]>();
// @ts-expect-error no options
idempotency();
// @ts-expect-error no key
idempotency(base);
// @ts-expect-error no store
idempotency({ operation: "charge", key: (event: Order) => event.orderId });
// @ts-expect-error no such option
idempotency({ ...keyed, ttl: 60 });
// @ts-expect-error a promise is no key
idempotency({ ...base, key: async (event: Order) => event.orderId });
// @ts-expect-error no third argument
idempotency({ ...base, key: (event: Order, _context: Context, _options: object) => event.orderId });
// @ts-expect-error not one of the three
idempotency({ ...keyed, onError: "ignore" });
