// What the compiler must take and must refuse of the HTTP door, with Middy of both majors; checked by `tsc -p test`, never run.
import middy7, { type MiddlewareObj, type MiddyfiedHandler } from "@middy/core";
import cors7 from "@middy/http-cors";
import jsonBodyParser7 from "@middy/http-json-body-parser";
import type {
  ALBEvent,
  ALBHandler,
  ALBResult,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  APIGatewayProxyResult,
  APIGatewayProxyResultV2,
  APIGatewayProxyStructuredResultV2,
  Context,
  LambdaFunctionURLEvent,
  LambdaFunctionURLHandler,
} from "aws-lambda";
import middy6, { type MiddlewareObj as MiddlewareObj6, type MiddyfiedHandler as MiddyfiedHandler6 } from "middy6-core";
import { expectTypeOf } from "vitest";
import {
  httpIdempotency,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
  type HttpResult,
  idempotentHttp,
  type LambdaHandler,
  type ProblemCode,
} from "../../src/http/index.ts";
import { IdempotencyError, idempotent, type Codec, type KeyInput, type Replay, type Store } from "../../src/index.ts";
import { events } from "../../src/testing/index.ts";

declare const store: Store;
declare const context: Context;
const base = { store, operation: "payments" } as const;
interface Receipt {
  readonly statusCode: 201;
  readonly body: string;
}
declare function payV1(event: APIGatewayProxyEvent, context: Context): Promise<APIGatewayProxyResult>;
declare function payV2(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2>;
declare function payUrl(event: LambdaFunctionURLEvent): Promise<Receipt>;
declare function payAlb(event: ALBEvent, context: Context): Promise<ALBResult>;

// A refusal is an answer of each front door.
expectTypeOf<HttpResult>().toExtend<APIGatewayProxyResult>();
expectTypeOf<HttpResult>().toExtend<APIGatewayProxyStructuredResultV2>();
expectTypeOf<HttpResult>().toExtend<ALBResult>();

// The wrapper keeps the handler's event and context, and adds a refusal to its results.
expectTypeOf(idempotentHttp(payV1, base)).toEqualTypeOf<LambdaHandler<APIGatewayProxyEvent, Context, APIGatewayProxyResult | HttpResult>>();
expectTypeOf(idempotentHttp(payUrl, base)).returns.resolves.toEqualTypeOf<Receipt | HttpResult>();
expectTypeOf(idempotentHttp(payUrl, base)).parameter(0).toEqualTypeOf<LambdaFunctionURLEvent>();

// It is a handler of the front door's.
export const rest: APIGatewayProxyHandler = idempotentHttp(payV1, base);
export const api: APIGatewayProxyHandlerV2 = idempotentHttp(payV2, base);
export const url: LambdaFunctionURLHandler = idempotentHttp(payUrl, base);
export const balancer: ALBHandler = idempotentHttp(payAlb, base);
export const inferred: APIGatewayProxyHandlerV2 = idempotentHttp(
  async (_event: APIGatewayProxyEventV2) => ({ statusCode: 201, body: "paid" }),
  base,
);
export const raw: APIGatewayProxyHandlerV2<APIGatewayProxyResultV2> = idempotentHttp(
  async (_event: APIGatewayProxyEventV2) => "paid",
  base,
);
export const atOnce: APIGatewayProxyHandlerV2 = idempotentHttp((_event: APIGatewayProxyEventV2) => ({ statusCode: 201 }), base);
// @ts-expect-error a REST API's handler is none of a load balancer's
export const swapped: ALBHandler = idempotentHttp(payV1, base);

// Made events fit.
void idempotentHttp(payV1, base)(events.apiGatewayV1() as APIGatewayProxyEvent, context);
// @ts-expect-error another event
void idempotentHttp(payV1, base)({ Records: [] }, context);
// @ts-expect-error no event
void idempotentHttp(payV1, base)();

// What options are asked with sees the handler's event; `event` of a request is typed.
idempotentHttp(payV2, {
  ...base,
  scope(request) {
    expectTypeOf(request).toEqualTypeOf<HttpRequest<APIGatewayProxyEventV2>>();
    expectTypeOf(request.event).toEqualTypeOf<APIGatewayProxyEventV2>();
    expectTypeOf(request.headers["x-tenant"]).toEqualTypeOf<string[] | undefined>();
    expectTypeOf(request.query["page"]).toEqualTypeOf<string[] | undefined>();
    expectTypeOf(request.body).toEqualTypeOf<Uint8Array>();
    expectTypeOf([request.method, request.path, request.route]).toEqualTypeOf<string[]>();
    return request.headers["x-tenant"]?.[0];
  },
  leaseMs(event, context) {
    expectTypeOf(event).toEqualTypeOf<APIGatewayProxyEventV2>();
    expectTypeOf(context).toEqualTypeOf<Context>();
    return context.getRemainingTimeInMillis();
  },
  keepStatus(status) {
    expectTypeOf(status).toEqualTypeOf<number>();
    return status < 400;
  },
  toStored(response) {
    expectTypeOf(response).toEqualTypeOf<HttpResponse>();
    return { ...response, body: "" };
  },
  fromStored(response, request) {
    expectTypeOf(response).toEqualTypeOf<HttpResponse>();
    expectTypeOf(request).toEqualTypeOf<HttpRequest<APIGatewayProxyEventV2>>();
    return { ...response, cookies: [request.event.rawPath] };
  },
  onReplay(response, replay) {
    expectTypeOf(response).toEqualTypeOf<HttpResponse>();
    expectTypeOf(replay).toEqualTypeOf<Replay>();
    return response;
  },
});

// The options decide nothing of the event: the handler does.
// @ts-expect-error the handler takes another event
idempotentHttp(payV2, { ...base, scope: (request: HttpRequest<APIGatewayProxyEvent>) => request.event.resource });
// @ts-expect-error no such member
idempotentHttp(payV2, { ...base, scope: (request) => request.event.resource });

// All options.
const all: Required<HttpOptions> = {
  ...base,
  header: "Idempotency-Key",
  required: true,
  methods: ["POST", "PATCH"],
  keyFormat: /^[0-9a-f]+$/,
  scope: "caller",
  routeInKey: true,
  fingerprintHeaders: ["x-version"],
  maxBodyBytes: 1024,
  keepStatus: () => true,
  onServerError: "hold",
  keepHeaders: [],
  toStored: (response) => response,
  fromStored: (response) => response,
  statusCodes: { idempotency_key_reused: 409 },
  docsUrl: "https://docs.example",
  retentionSeconds: 60,
  leaseMs: 5000,
  onInProgress: { waitMs: 5 },
  onLeaseExpired: "throw",
  onStoreUnavailable: "run",
  onReplay: (response) => response,
  onEvent: () => {},
  enabled: true,
};
idempotentHttp(payV1, all);
httpIdempotency(all);
expectTypeOf<keyof HttpOptions & ("key" | "fingerprint" | "codec" | "onMissingKey" | "onError")>().toBeNever();
expectTypeOf<NonNullable<HttpOptions["statusCodes"]>>().toEqualTypeOf<Partial<Record<ProblemCode, number>>>();
expectTypeOf<ReturnType<Extract<HttpOptions["scope"], (request: never) => unknown>>>().toEqualTypeOf<KeyInput | undefined>();

declare const codec: Codec<HttpResponse>;
// @ts-expect-error the request decides
idempotentHttp(payV1, { ...base, key: () => "k" });
// @ts-expect-error the request decides
idempotentHttp(payV1, { ...base, fingerprint: () => "a" });
// @ts-expect-error answers are kept as HTTP has them
idempotentHttp(payV1, { ...base, codec });
// @ts-expect-error this is `required`
idempotentHttp(payV1, { ...base, onMissingKey: "run" });
// @ts-expect-error these are `keepStatus` and `onServerError`
idempotentHttp(payV1, { ...base, onError: "keep" });
// @ts-expect-error no such option
idempotentHttp(payV1, { ...base, ttl: 60 });
// @ts-expect-error no store
idempotentHttp(payV1, { operation: "payments" });
// @ts-expect-error no operation
idempotentHttp(payV1, { store });
// @ts-expect-error no options
idempotentHttp(payV1);
// @ts-expect-error no options
httpIdempotency();
// @ts-expect-error not one of these
idempotentHttp(payV1, { ...base, keyFormat: "ulid" });
// @ts-expect-error not one of these
idempotentHttp(payV1, { ...base, scope: "tenant" });
// @ts-expect-error not one of these
idempotentHttp(payV1, { ...base, onServerError: "throw" });
// @ts-expect-error a function over a 5xx there is not
idempotentHttp(payV1, { ...base, onServerError: () => "keep" });
// @ts-expect-error no such code
idempotentHttp(payV1, { ...base, statusCodes: { key_reused: 409 } });
// @ts-expect-error a promise is no scope
idempotentHttp(payV1, { ...base, scope: async () => "tenant" });
// @ts-expect-error what is kept is made at once
idempotentHttp(payV1, { ...base, toStored: async (response) => response });
// @ts-expect-error no answer
idempotentHttp(payV1, { ...base, fromStored: () => ({ statusCode: 200 }) });
// @ts-expect-error a status is a number
idempotentHttp(payV1, { ...base, keepStatus: (status: string) => status === "200" });
// @ts-expect-error no handler
idempotentHttp("pay", base);

// The middleware is Middy's own type, of either major; its event is that of the options, and unknown where they say none.
expectTypeOf(httpIdempotency(base)).toEqualTypeOf<MiddlewareObj<unknown, unknown>>();
expectTypeOf(httpIdempotency(base)).toExtend<MiddlewareObj6<unknown, unknown>>();
expectTypeOf(httpIdempotency<APIGatewayProxyEvent, APIGatewayProxyResult>(base)).toEqualTypeOf<
  MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult | HttpResult>
>();
const byResource = httpIdempotency({ ...base, scope: (request: HttpRequest<APIGatewayProxyEvent>) => request.event.resource });
expectTypeOf(byResource).toEqualTypeOf<MiddlewareObj<APIGatewayProxyEvent, unknown>>();
httpIdempotency<APIGatewayProxyEventV2>({ ...base, scope: ({ event }) => event.rawPath });
// @ts-expect-error the event is unknown, and never any
httpIdempotency({ ...base, scope: ({ event }) => event.rawPath });
// @ts-expect-error the event is unknown, and never any
middy7<APIGatewayProxyEventV2>(payV2).use(httpIdempotency({ ...base, scope: ({ event }) => event.rawPath }));
// @ts-expect-error the event is unknown, and never any
middy6<APIGatewayProxyEventV2>(payV2).use(httpIdempotency({ ...base, scope: ({ event }) => event.rawPath }));

// A chain keeps the handler's types.
type Called<Event, Result> = [args: [event: Event, context: Context], answer: Promise<Result>];
declare function called<A extends unknown[], R>(chain: (...args: A) => R): [args: A, answer: R];
expectTypeOf(called(middy7(payV1).use(httpIdempotency(base)))).toEqualTypeOf<Called<APIGatewayProxyEvent, APIGatewayProxyResult>>();
expectTypeOf(called(middy6(payV1).use(httpIdempotency(base)))).toEqualTypeOf<Called<APIGatewayProxyEvent, APIGatewayProxyResult>>();
expectTypeOf(called(middy7(payV1).use(byResource))).toEqualTypeOf<Called<APIGatewayProxyEvent, APIGatewayProxyResult>>();
expectTypeOf(called(middy6(payV1).use(byResource))).toEqualTypeOf<Called<APIGatewayProxyEvent, APIGatewayProxyResult>>();
expectTypeOf(middy7(payV1).use(httpIdempotency(base))).toExtend<MiddyfiedHandler<APIGatewayProxyEvent, APIGatewayProxyResult>>();
expectTypeOf(middy6(payV1).use(httpIdempotency(base))).toExtend<MiddyfiedHandler6<APIGatewayProxyEvent, APIGatewayProxyResult>>();
middy7(payV1).use([httpIdempotency(base), jsonBodyParser7()]);
// Before `handler` the chain's event is that of its middlewares, as with Middy's own: it needs to be told.
middy7<APIGatewayProxyEvent, APIGatewayProxyResult>().use(httpIdempotency(base)).handler(payV1);
middy6<APIGatewayProxyEvent, APIGatewayProxyResult>().use(httpIdempotency(base)).handler(payV1);
middy7().use(byResource).handler(payV1);
middy6().use(byResource).handler(payV1);
// @ts-expect-error the handler takes another event
middy7().use(byResource).handler(payV2);
// @ts-expect-error the handler takes another event
middy6().use(byResource).handler(payV2);

// A context that earlier middlewares have added to.
type WithTenant = Context & { readonly tenant: string };
const slow = httpIdempotency({ ...base, leaseMs: (_event: APIGatewayProxyEvent, { tenant }: WithTenant) => tenant.length });
expectTypeOf(slow).toEqualTypeOf<MiddlewareObj<APIGatewayProxyEvent, unknown, Error, WithTenant>>();
// @ts-expect-error no context of Lambda's
httpIdempotency({ ...base, leaseMs: (_event: APIGatewayProxyEvent, { tenant }: { tenant: string }) => tenant.length });

// The other form: an inner chain wrapped, and an outer chain around it.
interface Parsed extends Omit<APIGatewayProxyEvent, "body"> {
  readonly body: { readonly amount: number };
}
declare function payParsed(event: Parsed, context: Context): Promise<APIGatewayProxyResult>;
const inner7 = middy7(payParsed).use(jsonBodyParser7());
const inner6 = middy6(payParsed);
middy7(idempotentHttp(inner7, base)).use(cors7());
middy6(idempotentHttp(inner6, base));
middy7<APIGatewayProxyEvent, APIGatewayProxyResult>().use(cors7()).handler(idempotentHttp(payV1, base));
expectTypeOf(called(middy7(idempotentHttp(payV1, base)))).toEqualTypeOf<Called<APIGatewayProxyEvent, APIGatewayProxyResult | HttpResult>>();
expectTypeOf(called(middy6(idempotentHttp(payV1, base)))).toEqualTypeOf<Called<APIGatewayProxyEvent, APIGatewayProxyResult | HttpResult>>();
idempotentHttp(middy7(payV1), { ...base, scope: ({ event }) => event.resource });
idempotentHttp(middy6(payV1), { ...base, scope: ({ event }) => event.resource });
// @ts-expect-error no such member
idempotentHttp(middy7(payV1), { ...base, scope: ({ event }) => event.rawPath });

// Inside, an operation of its own may be protected, and refusals of it are the core's.
idempotentHttp(async (event: APIGatewayProxyEventV2) => {
  const charge = idempotent(async (amount: number) => amount, { ...base, key: (amount) => amount });
  try {
    return { statusCode: 201, body: String(await charge(event.rawPath.length)) };
  } catch (error) {
    return { statusCode: error instanceof IdempotencyError ? 409 : 500 };
  }
}, base);
