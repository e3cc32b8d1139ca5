import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { describe, expect, test } from "vitest";
import type { Receipt } from "../../examples/app/provider.ts";
import { events } from "../../src/testing/index.ts";
import { until } from "../support/until.ts";
import { type Bench, suiteFunction } from "./app-bench.ts";

interface Post {
  readonly body?: unknown;
  readonly key?: string;
  readonly caller?: string;
}

const visa = { reference: "invoice-1", card: "tok_visa", amount: 1200 };
const replayed = { "idempotent-replayed": "true" };

async function post(
  { invoke }: Bench,
  { body = visa, key = "key-1", caller = "ada" }: Post = {},
): Promise<APIGatewayProxyStructuredResultV2> {
  const event = events.apiGatewayV2({
    method: "POST",
    path: "/payments",
    route: "/payments",
    headers: { "Content-Type": "application/json", ...(key !== "" && { "Idempotency-Key": key }) },
    authorizer: caller === "" ? {} : { iam: { userArn: `arn:aws:iam::123456789012:user/${caller}` } },
    body,
  });
  return (await invoke(event)) as APIGatewayProxyStructuredResultV2;
}

function receiptIn({ body = "" }: APIGatewayProxyStructuredResultV2): Receipt {
  return JSON.parse(body) as Receipt;
}

describe("the payments of the example app", () => {
  const deploy = suiteFunction("payments");

  test("the same request twice: one charge, one receipt", async () => {
    const payments = await deploy();
    const [first, second] = [await post(payments), await post(payments)];
    expect(first).toMatchObject({ statusCode: 201, headers: { "content-type": "application/json" } });
    expect(receiptIn(first)).toEqual({ ...visa, receiptNumber: expect.stringMatching(/^[\da-f-]{36}$/), node: process.version });
    expect(second).toEqual({ ...first, headers: { ...first.headers, ...replayed } });
    expect(await payments.row("invoice-1")).toEqual({ calls: 1, charges: 1, amount: 1200, charged: ["invoice-1"] });
  });

  test("a double click: the second waits for the first one's receipt", async () => {
    const payments = await deploy();
    const body = { ...visa, card: "tok_slow" };
    const answers = await Promise.all([post(payments, { body }), post(payments, { body })]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201]);
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(answers.filter(({ headers = {} }) => headers["idempotent-replayed"] === "true")).toHaveLength(1);
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 1, charges: 1 });
  });

  test("a document of 20 KB, kept beside its record, comes again byte for byte", async () => {
    const payments = await deploy();
    const body = { ...visa, document: true };
    const [first, second] = [await post(payments, { body }), await post(payments, { body })];
    expect(receiptIn(first).document).toHaveLength(20_480);
    expect(await payments.resultItems()).toBeGreaterThan(0);
    expect(second).toEqual({ ...first, headers: { ...first.headers, ...replayed } });
  });

  test("the same key for another payment is refused, for the same one in another order of members it is not", async () => {
    const payments = await deploy();
    const first = await post(payments);
    expect(await post(payments, { body: { ...visa, amount: 1300 } })).toMatchObject({ statusCode: 422, body: '{"code":"KEY_REUSED"}' });
    expect((await post(payments, { body: { amount: 1200, card: "tok_visa", reference: "invoice-1" } })).body).toBe(first.body);
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 1, charges: 1 });
  });

  test("another caller's same key is another key", async () => {
    const payments = await deploy();
    const [adas, bobs] = [await post(payments), await post(payments, { caller: "bob" })];
    expect([adas.statusCode, bobs.statusCode]).toEqual([201, 201]);
    expect(receiptIn(bobs).receiptNumber).not.toBe(receiptIn(adas).receiptNumber);
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 2, charges: 2 });
  });

  test.for([
    { what: "no key", request: { key: "" }, statusCode: 400, body: '{"code":"KEY_MISSING"}' },
    { what: "no caller", request: { caller: "" }, statusCode: 400, body: '{"code":"KEY_INVALID"}' },
    {
      what: "no amount",
      request: { body: { reference: "invoice-1", card: "tok_visa" } },
      statusCode: 400,
      body: '{"code":"PAYMENT_INVALID"}',
    },
    { what: "no JSON", request: { body: "{" }, statusCode: 422, body: "Invalid or malformed JSON was provided" },
  ])("$what: $statusCode, nothing is charged, and the key is still good", async ({ request, statusCode, body }) => {
    const payments = await deploy();
    expect(await post(payments, request)).toMatchObject({ statusCode, body });
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 0, charges: 0 });
    expect(await post(payments)).toMatchObject({ statusCode: 201 });
  });

  test("a declined card is an answer, and kept", async () => {
    const payments = await deploy();
    const body = { ...visa, card: "tok_declined" };
    const [first, second] = [await post(payments, { body }), await post(payments, { body })];
    expect(first).toMatchObject({ statusCode: 402, body: '{"code":"CARD_DECLINED"}' });
    expect(second).toEqual({ ...first, headers: { ...first.headers, ...replayed } });
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 1, charges: 0 });
  });

  test("a provider that is not available is none: the retry is charged", async () => {
    const payments = await deploy();
    const body = { ...visa, card: "tok_flaky" };
    expect(await post(payments, { body })).toMatchObject({ statusCode: 500, body: '{"code":"INTERNAL_ERROR"}' });
    expect(await post(payments, { body })).toMatchObject({ statusCode: 201 });
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 2, charges: 1 });
  });

  test("a provider that hangs: the function is killed at its timeout, who waits is told when to come again, and then takes over", async () => {
    const payments = await deploy({ timeoutMs: 3000 });
    const body = { ...visa, card: "tok_hangs" };
    const first = expect(post(payments, { body })).rejects.toThrow("the environment died");
    await until("the first has called", async () => ((await payments.row("invoice-1")).calls === 1 ? true : undefined));
    expect(await post(payments, { body })).toMatchObject({
      statusCode: 409,
      headers: { "retry-after": expect.stringMatching(/^[1-4]$/) },
      body: '{"code":"IN_PROGRESS"}',
    });
    await first;
    await until("taken over", async () => ((await post(payments, { body })).statusCode === 201 ? true : undefined));
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 2, charges: 1 });
  });

  test("without its table nothing is charged", async () => {
    const payments = await deploy({ variables: { AWS_ENDPOINT_URL: "http://127.0.0.1:1" } });
    expect(await post(payments)).toMatchObject({ statusCode: 503, body: '{"code":"STORE_UNAVAILABLE"}' });
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 0, charges: 0 });
  });
});
