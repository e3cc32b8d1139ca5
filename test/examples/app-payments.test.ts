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
const replayed = { "idempotent-replayed": "true", "idempotency-status": "replayed", "cache-control": "no-store" };

async function post(
  { invoke }: Bench,
  { body = visa, key = "key-1", caller = "ada" }: Post = {},
): Promise<APIGatewayProxyStructuredResultV2> {
  const event = events.apiGatewayV2({
    method: "POST",
    path: "/payments",
    route: "/payments",
    headers: { "Content-Type": "application/json", ...(key !== "" && { "Idempotency-Key": key }) },
    authorizer: caller === "" ? {} : { iam: { userArn: `arn:aws:iam::123456789012:user/${caller}`, userId: `AIDA-${caller}` } },
    body,
  });
  return (await invoke(event)) as APIGatewayProxyStructuredResultV2;
}

/** Holds that an answer is the first one again, and says so. */
function expectReplay(second: APIGatewayProxyStructuredResultV2, first: APIGatewayProxyStructuredResultV2): void {
  expect([second.statusCode, second.body]).toEqual([first.statusCode, first.body]);
  const { "idempotency-original-request": original, ...headers } = second.headers ?? {};
  expect(headers).toEqual({ ...first.headers, ...replayed });
  expect(original).toBeDefined();
}

/** The code of a problem. */
function codeOf({ body = "" }: APIGatewayProxyStructuredResultV2): string {
  return (JSON.parse(body) as { code: string }).code;
}

function receiptIn({ body = "" }: APIGatewayProxyStructuredResultV2): Receipt {
  return JSON.parse(body) as Receipt;
}

describe("the payments of the example app", () => {
  const deploy = suiteFunction("payments");

  test("the same request twice: one charge, one receipt", async () => {
    const payments = await deploy();
    const [first, second] = [await post(payments), await post(payments)];
    expect(first).toMatchObject({ statusCode: 201, headers: { "content-type": "application/json", "idempotency-key": "key-1" } });
    expect(receiptIn(first)).toEqual({ ...visa, receiptNumber: expect.stringMatching(/^[\da-f-]{36}$/), node: process.version });
    expectReplay(second, first);
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
    expectReplay(second, first);
  });

  test("the same key for another payment is refused, for the same one in another order of members it is not", async () => {
    const payments = await deploy();
    const first = await post(payments);
    const other = await post(payments, { body: { ...visa, amount: 1300 } });
    expect([other.statusCode, codeOf(other)]).toEqual([422, "idempotency_key_reused"]);
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
    { what: "no key", request: { key: "" }, statusCode: 400, code: "idempotency_key_missing" },
    { what: "no caller", request: { caller: "" }, statusCode: 500, code: "idempotency_scope_unresolved" },
  ])("$what: $statusCode, nothing is charged", async ({ request, statusCode, code }) => {
    const payments = await deploy();
    const answer = await post(payments, request);
    expect([answer.statusCode, codeOf(answer)]).toEqual([statusCode, code]);
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 0, charges: 0 });
    expect(await post(payments)).toMatchObject({ statusCode: 201 });
  });

  test.for([
    { what: "no amount", body: { reference: "invoice-1", card: "tok_visa" }, statusCode: 400, text: '{"code":"PAYMENT_INVALID"}' },
    { what: "no JSON", body: "{", statusCode: 422, text: "Invalid or malformed JSON was provided" },
  ])("$what: $statusCode, nothing is charged; the answer is kept, and the request that is mended has a key of its own", async (row) => {
    const payments = await deploy();
    const { body, statusCode, text } = row;
    expect(await post(payments, { body })).toMatchObject({ statusCode, body: text });
    expect(await post(payments, { body })).toMatchObject({ statusCode, body: text });
    expect(await post(payments)).toMatchObject({ statusCode: 422 });
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 0, charges: 0 });
    expect(await post(payments, { key: "key-2" })).toMatchObject({ statusCode: 201 });
  });

  test("a declined card is an answer, and kept", async () => {
    const payments = await deploy();
    const body = { ...visa, card: "tok_declined" };
    const [first, second] = [await post(payments, { body }), await post(payments, { body })];
    expect(first).toMatchObject({ statusCode: 402, body: '{"code":"CARD_DECLINED"}' });
    expectReplay(second, first);
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
    const second = await post(payments, { body });
    expect(second).toMatchObject({ statusCode: 409, headers: { "retry-after": expect.stringMatching(/^[1-4]$/) } });
    expect(codeOf(second)).toBe("idempotency_in_progress");
    await first;
    await until("taken over", async () => ((await post(payments, { body })).statusCode === 201 ? true : undefined));
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 2, charges: 1 });
  });

  test("without its table nothing is charged", async () => {
    const payments = await deploy({ variables: { AWS_ENDPOINT_URL: "http://127.0.0.1:1" } });
    const answer = await post(payments);
    expect([answer.statusCode, codeOf(answer)]).toEqual([503, "idempotency_store_unavailable"]);
    expect(await payments.row("invoice-1")).toMatchObject({ calls: 0, charges: 0 });
  });
});
