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
  readonly domainPrefix?: string;
}

const headers = { "Idempotency-Key": "k-1" };
const apiId = "a1b2c3";

function rest({ path, route, stage = "prod" }: Sent): object {
  const event = events.apiGatewayV1({ method: "POST", path, headers, body: "{}", ...(route && { route }) });
  return { ...event, path, requestContext: { ...event.requestContext, stage } };
}

function http({ path, route, stage = "prod", domainPrefix = apiId }: Sent): object {
  const event = events.apiGatewayV2({ method: "POST", path, headers, body: "{}", ...(route && { route }) });
  return { ...event, rawPath: path, requestContext: { ...event.requestContext, stage, apiId, domainPrefix } };
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

  it("is the same one through each domain of an HTTP API", async () => {
    const sent = [
      http({ path: "/prod/payments/5", route }),
      http({ path: "/payments/5", route, domainPrefix: "api" }),
      http({ path: "/shop/payments/5", route, domainPrefix: "api" }),
    ];
    expect(await states(sent)).toEqual(["created", "replayed", "replayed"]);
  });

  it("is another one with another value in its path", async () => {
    expect(await states([rest({ path: "/shop/payments/5", route }), rest({ path: "/shop/payments/6", route })])).toEqual([
      "created",
      "mismatch",
    ]);
  });
});

describe("a request of a catch-all", () => {
  it("is the same one with and without the stage that AWS's own domain puts in front", async () => {
    const sent = [http({ path: "/prod/orders" }), http({ path: "/orders", stage: "$default" })];
    expect(await states(sent)).toEqual(["created", "replayed"]);
  });

  it("is another one where a domain of one's own has a path that begins as the stage is called", async () => {
    const sent = ["/orders", "/prod/orders"].map((path) => http({ path, domainPrefix: "api" }));
    expect(await states(sent)).toEqual(["created", "created"]);
  });
});
