// Middy's official middlewares around an idempotent handler: fresh and replayed responses, in both forms.
import { describe, expect, it } from "vitest";
import { idempotent } from "../../src/index.ts";
import { memoryBench } from "../support/bench.ts";
import { dynamodbBench } from "../support/dynamodb-bench.ts";
import { deliveriesOf, forms, middlewareOn, type Options, optionsOn, type Order } from "./chains.ts";
import { type Chain, type Handler, type Major, majors } from "./majors.ts";

interface Request extends Order {
  readonly version: string;
  readonly requestContext: { readonly http: { readonly method: string } };
  readonly headers: Record<string, string>;
  readonly body: string;
}

function post(body: unknown = { amount: 5 }, id = "order-1"): Request {
  return {
    id,
    version: "2.0",
    requestContext: { http: { method: "POST" } },
    headers: { "content-type": "application/json", origin: "https://shop.example" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

/** What stands around a handler that answers with an object. */
function official({ cors, errorHandler, jsonBodyParser, responseSerializer, validator }: Major, more: Chains = {}): (made: Chain) => Chain {
  const { isValidResponse = () => true, isValidEvent = () => true } = more;
  return (made) =>
    made
      .use(cors({ origin: "https://shop.example" }))
      .use(
        responseSerializer({
          serializers: [{ regex: /^application\/json$/, serializer: ({ body }) => JSON.stringify(body) }],
          defaultContentType: "application/json",
        }),
      )
      .use(errorHandler({ logger: false, fallbackMessage: "sorry" }))
      .use(jsonBodyParser())
      .use([validator({ eventSchema: isValidEvent }), validator({ responseSchema: isValidResponse })]);
}

interface Chains {
  readonly isValidResponse?: () => boolean;
  readonly isValidEvent?: () => boolean;
}

const allowed = { "Access-Control-Allow-Origin": "https://shop.example" };
const receipt = { statusCode: 201, headers: { ...allowed, "Content-Type": "application/json" }, body: '{"receipt":"5"}' };

const charge = async ({ body }: { body: { amount: number } }): Promise<object> => ({
  statusCode: 201,
  headers: {},
  body: { receipt: String(body.amount) },
});

describe.for(majors)("on $name", (major) => {
  describe.for([memoryBench, dynamodbBench])("and on $name", ({ available, open }) => {
    describe.skipIf(!available).for(forms)("%s", (form) => {
      it("fresh and replayed responses are the same", async () => {
        const deliver = deliveriesOf(major, await open(), charge, { form, chain: official(major) });
        const answers = [await deliver(post()), await deliver(post()), await deliver(post())];
        expect(answers).toEqual([receipt, receipt, receipt]);
        expect(deliver.runs).toBe(1);
      });

      it("a result that the serializer makes a response of: the same", async () => {
        const deliver = deliveriesOf(major, await open(), async () => ({ receipt: "5" }), { form, chain: official(major) });
        const fresh = await deliver(post());
        expect(fresh).toEqual({ ...receipt, statusCode: 200 });
        expect([await deliver(post()), deliver.runs]).toEqual([fresh, 1]);
      });
    });
  });

  it.for(forms)("with an error handler, a kept error answers alike, fresh and replayed: %s", async (form) => {
    const declined = Object.assign(new Error("declined"), { statusCode: 402 });
    const options: Options = { onError: "keep" };
    const deliver = deliveriesOf(major, await memoryBench.open(), () => Promise.reject(declined), {
      form,
      options,
      chain: official(major),
    });
    const fresh = await deliver(post());
    expect(fresh).toEqual({ statusCode: 402, headers: { ...allowed, "Content-Type": "text/plain" }, body: "declined" });
    expect([await deliver(post()), deliver.runs]).toEqual([fresh, 1]);
  });

  it.for(forms)("a duplicate in progress is the error handler's, with CORS headers: %s", async (form) => {
    const deliver = deliveriesOf(major, await memoryBench.open(), async () => deliver(post()), { form, chain: official(major) });
    expect(await deliver(post())).toEqual({ statusCode: 500, headers: { ...allowed, "Content-Type": "text/plain" }, body: "sorry" });
    expect(deliver.types()).toEqual(["claimed", "in_progress", "completed"]);
  });

  it.for(forms)("a response that the validator refuses: the work is done, and does not run again: %s", async (form) => {
    let refusals = 1;
    const chain = official(major, { isValidResponse: () => refusals-- <= 0 });
    const deliver = deliveriesOf(major, await memoryBench.open(), charge, { form, chain });
    expect(await deliver(post())).toMatchObject({ statusCode: 500, headers: allowed });
    expect(deliver.types()).toEqual(["claimed", "completed"]);
    // First in the chain, the middleware replays what the handler answered; around the handler, it goes through the chain.
    const replayed = form === "idempotency" ? { statusCode: 201, headers: {}, body: { receipt: "5" } } : receipt;
    expect([await deliver(post()), deliver.runs]).toEqual([replayed, 1]);
  });

  it.for(forms)("a request that is refused before the handler leaves its key free: %s", async (form) => {
    let refusals = 1;
    const chain = official(major, { isValidEvent: () => refusals-- <= 0 });
    const deliver = deliveriesOf(major, await memoryBench.open(), charge, { form, chain });
    expect(await deliver(post())).toMatchObject({ statusCode: 400, headers: allowed });
    expect(await deliver(post("{"))).toMatchObject({ statusCode: major.name === "Middy 6" ? 415 : 422 });
    expect([await deliver(post()), deliver.runs]).toEqual([receipt, 1]);
  });

  it.for(forms)("a key of the parsed body: %s", async (form) => {
    const { store } = await memoryBench.open();
    const options = optionsOn(store, { key: (event) => (event["body"] as { order: string }).order });
    let runs = 0;
    const handler = (): number => ++runs;
    const deliver =
      form === "idempotency"
        ? major.middy(handler).use(major.jsonBodyParser()).use(middlewareOn(store, options))
        : major.middy(idempotent<[Order, never], unknown>(handler, options) as Handler).use(major.jsonBodyParser());
    expect([await deliver(post({ order: "a" })), await deliver(post({ order: "a" })), await deliver(post({ order: "b" }))]).toEqual([
      1, 1, 2,
    ]);
  });
});
