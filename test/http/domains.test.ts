// One request is one by whichever domain it comes; two paths are two.
import { describe, expect, it } from "vitest";
import { idempotentHttp } from "../../src/http/index.ts";
import { events } from "../../src/testing/index.ts";
import { memoryBench } from "../support/bench.ts";
import { leaseMs, operation } from "./api.ts";

interface Sent {
  readonly path: string;
  readonly route?: string;
  readonly stage?: string;
}

const headers = { "Idempotency-Key": "k-1" };

function rest({ path, route, stage = "prod" }: Sent): object {
  const event = events.apiGatewayV1({ method: "POST", path, headers, body: "{}", ...(route && { route }) });
  return { ...event, path, requestContext: { ...event.requestContext, stage } };
}

function http({ path, route, stage = "prod" }: Sent): object {
  const event = events.apiGatewayV2({ method: "POST", path, headers, body: "{}", ...(route && { route }) });
  return { ...event, rawPath: path, requestContext: { ...event.requestContext, stage } };
}

/** What each of the events is answered: `Idempotency-Status`. */
async function states(sent: readonly object[]): Promise<unknown[]> {
  const { store } = await memoryBench.open();
  const handler = idempotentHttp(async () => ({ statusCode: 201 }), { store, operation, leaseMs, scope: "global" });
  const answers: unknown[] = [];
  for (const event of sent) {
    const { headers: given } = (await handler(event, {})) as unknown as { headers: Record<string, string> };
    answers.push(given["idempotency-status"]);
  }
  return answers;
}

describe("a request of a route's template", () => {
  const route = "/payments/{id}";

  it("is the same one through each domain of a REST API: with its stage in front, a base path, both", async () => {
    const paths = ["/payments/5", "/prod/payments/5", "/shop/payments/5", "/shop/prod/payments/5"];
    expect(await states(paths.map((path) => rest({ path, route })))).toEqual(["created", "replayed", "replayed", "replayed"]);
  });

  it("is the same one through each domain of an HTTP API, which has its stage in front, and no base path", async () => {
    const sent = ["prod", "blue", "green"].map((stage) => http({ path: `/${stage}/payments/5`, route, stage }));
    expect(await states([...sent, http({ path: "/payments/5", route, stage: "$default" })])).toEqual([
      "created",
      "replayed",
      "replayed",
      "replayed",
    ]);
  });

  it("of a REST API replays on an HTTP API, whatever was escaped in its path", async () => {
    const sent = [rest({ path: "/payments/caf%C3%A9", route }), http({ path: "/payments/café", route, stage: "$default" })];
    expect(await states(sent)).toEqual(["created", "replayed"]);
  });

  it("is the same one through each domain of an HTTP API with payload format 1.0, which has base paths", async () => {
    const sent = ["/payments/5", "/shop/payments/5"].map((path) => ({
      ...rest({ path, route, stage: "$default" }),
      version: "1.0",
      pathParameters: { id: "5" },
    }));
    const other = { ...rest({ path: "/payments/6", route, stage: "$default" }), version: "1.0", pathParameters: { id: "6" } };
    expect(await states([...sent, other])).toEqual(["created", "replayed", "mismatch"]);
  });

  it("is another one where an HTTP API has decoded a slash in its path", async () => {
    const sent = ["/payments/5", "/payments/payments/5"].map((path) => http({ path, route, stage: "$default" }));
    expect(await states(sent)).toEqual(["created", "mismatch"]);
  });

  it("is another one with another value in its path", async () => {
    expect(await states([rest({ path: "/shop/payments/5", route }), rest({ path: "/shop/payments/6", route })])).toEqual([
      "created",
      "mismatch",
    ]);
  });
});

describe("a request of a catch-all", () => {
  it("is the same one in each stage that an HTTP API has in front", async () => {
    const sent = ["blue", "green"].map((stage) => http({ path: `/${stage}/orders`, stage }));
    expect(await states([...sent, http({ path: "/orders", stage: "$default" })])).toEqual(["created", "replayed", "replayed"]);
  });

  it("is another one where its path begins as the stage is called, once more", async () => {
    expect(await states(["/prod/orders", "/prod/prod/orders"].map((path) => http({ path })))).toEqual(["created", "created"]);
  });
});
