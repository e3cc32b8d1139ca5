// What docs/http.md shows is compiled and run, and its tables are held against the code.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tableNameVariable } from "../../../src/dynamodb/table.ts";
import type { HttpOptions } from "../../../src/http/index.ts";
import { isDenied, isKept } from "../../../src/http/kept-headers.ts";
import { problems } from "../../../src/http/problem.ts";
import { statusPolicy } from "../../../src/http/status-policy.ts";
import { startEmbedded } from "../../engines/embedded.ts";
import { type Engine, root } from "../../engines/engine.ts";
import { snippetsIn } from "../../package/snippets.ts";
import { clientOf, freshTable } from "../../support/table.ts";
import { page } from "./page.ts";

const text = readFileSync(page, "utf8");
const snippets = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, snippet = ""]) => snippet);
const ofReadme = /```ts\n((?:(?!```)[\s\S])*?lambda-once\/http[\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8"))?.[1] ?? "";
const snippetWith = (mark: string) => snippets.find((snippet) => snippet.includes(mark)) ?? "";

const { folder, compile, play } = snippetsIn("http-docs");
let engine: Engine;
beforeAll(async () => void (engine = await startEmbedded()));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await engine.stop();
});

/** Runs a program beside a snippet of the page; what it prints, line by line, as JSON. */
async function playWith(snippet: string, program: string): Promise<unknown[]> {
  writeFileSync(join(folder, "snippet.ts"), snippet);
  writeFileSync(join(folder, "program.ts"), program);
  const client = clientOf(engine.endpoint);
  const env = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    INTENT_SECRET: "of the test",
    [tableNameVariable]: await freshTable(client),
  };
  client.destroy();
  const printed = await play("program.ts", env);
  return printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

const start = `
  import { events } from "lambda-once/testing";
  console.error = () => {};
  const context = { awsRequestId: "1", functionName: "f", getRemainingTimeInMillis: () => 30_000 };
  const as = (sub) => ({ jwt: { claims: { iss: "https://login.example.com", sub }, scopes: null } });
  const request = (key, body, more = {}) =>
    events.apiGatewayV2({ path: "/payments", headers: { "idempotency-key": key }, body, authorizer: as("customer-7"), ...more });
  const tell = ({ statusCode, headers, body }) => {
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    console.log(JSON.stringify({ statusCode, is: named["idempotency-status"], allows: named["access-control-allow-origin"], body }));
  };
`;

it("its snippets compile; a wrong line in one would not", async () => {
  expect(snippets.length).toBeGreaterThan(6);
  expect(await compile(snippets)).toBe("");
  expect(await compile(snippets.map((snippet) => snippet.replace("body.amount", "body.price")))).toContain("price");
});

describe("runs as it says", () => {
  it("README's chain, too", async () => {
    const told = await playWith(
      ofReadme,
      `${start}
      import { handler } from "./snippet.ts";
      for (const amount of [5, 5, 6]) tell(await handler(request("k-1", { amount }), context));
      `,
    );
    const paid = { statusCode: 201, body: '{"paid":5}', allows: "https://shop.example.com" };
    expect(told).toMatchObject([
      { ...paid, is: "created" },
      { ...paid, is: "replayed" },
      { statusCode: 422, is: "mismatch", allows: paid.allows },
    ]);
  });

  it("the first chain: once, the same again, refusals that a browser can read, and a preflight", async () => {
    const told = await playWith(
      snippetWith("const once = idempotentHttp("),
      `${start}
      import { handler } from "./snippet.ts";
      for (const amount of [5, 5, 6]) tell(await handler(request("k-1", { amount }), context));
      tell(await handler(request("k 1", { amount: 5 }), context));
      tell(await handler(request("k-1", undefined, { method: "OPTIONS" }), context));
      `,
    );
    const allows = "https://shop.example.com";
    const paid = { statusCode: 201, allows, body: expect.stringMatching(/^\{"paid":5,"under":".{43}"\}$/) as string };
    const refused = { allows, body: expect.any(String) as string };
    expect(told).toEqual([
      { ...paid, is: "created" },
      { ...paid, is: "replayed" },
      { ...refused, statusCode: 422, is: "mismatch" },
      { ...refused, statusCode: 400, is: "rejected" },
      { statusCode: 204, allows },
    ]);
    expect(told[1]).toEqual({ ...(told[0] as object), is: "replayed" });
  });

  it("the middleware, first in its chain", async () => {
    const told = await playWith(
      snippetWith("httpIdempotency("),
      `${start}
      import { handler } from "./snippet.ts";
      for (const amount of [5, 5, 6]) tell(await handler(request("k-1", { amount }), context));
      `,
    );
    const refunded = { statusCode: 201, body: '{"refunded":5}' };
    expect(told).toMatchObject([
      { ...refunded, is: "created" },
      { ...refunded, is: "replayed" },
      { statusCode: 422, is: "mismatch" },
    ]);
  });

  it("behind a load balancer with multi-value headers, a chain of Middy", async () => {
    const allows = "https://shop.example.com";
    const told = await playWith(
      snippetWith("withSingleHeaders"),
      `${start}
      import { handler } from "./snippet.ts";
      const sent = (to, keys = ["k-1"]) => {
        const event = events.alb({ method: "POST", body: { to }, multiValueHeaders: true });
        return { ...event, multiValueHeaders: { ...event.multiValueHeaders, "idempotency-key": keys } };
      };
      const preflight = events.alb({ method: "OPTIONS", multiValueHeaders: true });
      for (const event of [sent("a"), sent("a"), sent("b"), sent("a", ["k-1", "k-2"]), preflight]) {
        const { multiValueHeaders, ...answer } = await handler(event, context);
        const singles = Object.entries(multiValueHeaders).map(([name, [value]]) => [name, value]);
        tell({ ...answer, headers: Object.fromEntries(singles) });
      }
      `,
    );
    expect(told).toMatchObject([
      { statusCode: 202, is: "created", body: "a", allows },
      { statusCode: 202, is: "replayed", body: "a", allows },
      { statusCode: 422, is: "mismatch", allows },
      { statusCode: 400, is: "rejected", allows },
      { statusCode: 204, allows },
    ]);
  });

  it("a scope of one's own: a tenant's user, or nobody", async () => {
    const told = await playWith(
      snippetWith("authorizer.lambda"),
      `${start}
      import { handler } from "./snippet.ts";
      for (const lambda of [{ tenant: "a", user: "1" }, { tenant: "b", user: "1" }, { tenant: "a", user: "1" }, { tenant: "a" }])
        tell(await handler(request("k-1", { x: 1 }, { authorizer: { lambda } }), context));
      `,
    );
    expect(told).toMatchObject([{ is: "created" }, { is: "created" }, { is: "replayed" }, { statusCode: 500, is: "rejected" }]);
  });

  it("a status that is not kept runs again", async () => {
    const told = await playWith(
      snippetWith("keepStatus:"),
      `${start}
      import { handler } from "./snippet.ts";
      for (let i = 0; i < 2; i++) tell(await handler(request("k-1", { x: 1 }), context));
      `,
    );
    expect(told).toMatchObject([{ is: "released" }, { is: "released" }]);
  });

  it("a secret is in the answers and not in the table", async () => {
    const told = await playWith(
      snippetWith("TOKEN_SECRET"),
      `${start}
      import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
      import { handler } from "./snippet.ts";
      const answers = [];
      for (let i = 0; i < 2; i++) answers.push(await handler(request("k-1", { x: 1 }), context));
      answers.forEach(tell);
      const { Items } = await new DynamoDBClient().send(new ScanCommand({ TableName: process.env.${tableNameVariable} }));
      const { token } = JSON.parse(answers[0].body);
      const table = JSON.stringify(Items);
      console.log(JSON.stringify({ kept: table.includes("session-1"), secret: table.includes(token), characters: token.length }));
      `,
    );
    const [first, second] = told as { body: string }[];
    expect(second).toEqual({ ...first, is: "replayed" });
    expect(told[2]).toEqual({ kept: true, secret: false, characters: 43 });
  });

  it("a key of the backend's pays once, for whom it was made, while it is good", async () => {
    const told = await playWith(
      snippetWith("INTENT_SECRET"),
      `${start}
      import { createIntent, pay } from "./snippet.ts";
      const keys = [];
      for (let i = 0; i < 2; i++) keys.push(JSON.parse((await createIntent(request("", {}))).body).key);
      const [key, other] = keys;
      const paid = async (key, sub = "customer-7") => tell(await pay(request(key, "5", { authorizer: as(sub) }), context));
      await paid(key);
      await paid(key);
      await paid('"' + key + '";v=1');
      await paid(other);
      await paid(key, "customer-8");
      const [until, id, signature] = key.split(".");
      await paid([Number(until) + 1, id, signature].join("."));
      await paid([until, other.split(".")[1], signature].join("."));
      await paid("k-1");
      const now = Date.now();
      Date.now = () => now + 12 * 3_600_000;
      await paid(key);
      `,
    );
    const run = { statusCode: 201, body: '{"paid":5}' };
    const forbidden = { statusCode: 403, body: expect.stringContaining("idempotency_scope_unresolved") as string };
    expect(told).toMatchObject([
      { ...run, is: "created" },
      { ...run, is: "replayed" },
      { ...run, is: "replayed" },
      { ...run, is: "created" },
      forbidden,
      forbidden,
      forbidden,
      { statusCode: 400 },
      forbidden,
    ]);
  });
});

/** The first column, or another one, of a table whose first heading this is. */
function column(heading: string, index = 0): string[] {
  const rows = text.split(`\n| ${heading} |`)[1]?.split("\n\n")[0]?.split("\n").slice(2) ?? [];
  return rows.map((row) => row.split(/(?<!\\)\|/)[index + 1]?.trim() ?? "");
}
const named = (cells: readonly string[]) => cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));

// The types see to it that it is complete.
const options: Record<keyof HttpOptions, true> = {
  store: true,
  operation: true,
  header: true,
  required: true,
  methods: true,
  keyFormat: true,
  scope: true,
  routeInKey: true,
  fingerprintHeaders: true,
  maxBodyBytes: true,
  keepStatus: true,
  onServerError: true,
  keepHeaders: true,
  toStored: true,
  fromStored: true,
  statusCodes: true,
  docsUrl: true,
  retentionSeconds: true,
  leaseMs: true,
  onInProgress: true,
  onLeaseExpired: true,
  onStoreUnavailable: true,
  onReplay: true,
  onEvent: true,
  enabled: true,
};

describe("its tables are the code's", () => {
  it("options", () => expect(named(column("option")).toSorted()).toEqual(Object.keys(options).toSorted()));

  it("codes", () => {
    const yesOrNo = (value: boolean | undefined) => (value === undefined ? "–" : value ? "yes" : "no");
    const rows = Object.entries(problems).map(([code, kind]) => [
      `\`${code}\``,
      String(kind.status),
      `\`${kind.state}\``,
      yesOrNo(kind.retryable),
      yesOrNo(kind.safeToUseNewKey),
    ]);
    expect([0, 1, 2, 3, 4].map((index) => column("`code`", index))).toEqual([0, 1, 2, 3, 4].map((i) => rows.map((row) => row[i])));
  });

  it("states", () => {
    const states = new Set([
      ...Object.values(problems).map(({ state }) => state),
      "created",
      "released",
      "unsaved",
      "bypassed",
      "replayed",
    ]);
    expect(named(column("`Idempotency-Status` | what it says")).toSorted()).toEqual([...states].toSorted());
  });

  it("statuses", () => {
    const passing = column("the handler's answer")[1]?.split(", ").map(Number) ?? [];
    const policyOf = statusPolicy(undefined, "hold");
    const statuses = Array.from({ length: 400 }, (_, i) => i + 200);
    const released = statuses.filter((status) => policyOf(status) === "release");
    expect(released).toEqual(passing);
    expect(statuses.filter((status) => policyOf(status) === "hold")).toEqual(statuses.filter((status) => status >= 500));
  });

  it("headers: what is kept, and what is never", () => {
    const [kept = "", denied = ""] = text.split("\nKept are status, body")[1]?.split("\n\n") ?? [];
    const listed = named([kept]).filter((name) => name !== "keepHeaders" && name !== "access-control-*");
    const source = readFileSync(join(root, "src/http/kept-headers.ts"), "utf8");
    const [ofSource = ""] = /`accept-patch[^`]*`/.exec(source) ?? [];
    expect(listed).toEqual(ofSource.slice(1, -1).split(/\s+/));
    expect(listed.every((name) => isKept(name, new Set()))).toBe(true);
    expect(isKept("access-control-expose-headers", new Set())).toBe(true);
    const never = named([denied]).filter((name) => /^[a-z-]+\*?$/.test(name) && name !== "no-store");
    expect(never.length).toBeGreaterThan(10);
    for (const name of never) expect(isDenied(name.replace("*", "trace-id")), name).toBe(true);
  });

  it("each code has its row for clients", () => {
    expect(
      named(column("what came back"))
        .filter((name) => name in problems)
        .toSorted(),
    ).toEqual(Object.keys(problems).toSorted());
  });
});
