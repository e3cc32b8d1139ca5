// Whose keys are told apart, in both forms. Where it cannot be told, nothing runs.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HttpOptions, HttpRequest } from "../../src/http/index.ts";
import { memoryBench } from "../support/bench.ts";
import { apiOn, charge, forms, gist } from "./api.ts";
import { type Caller, frontDoors, payload2 } from "./front-doors.ts";
import { dynamodbLocal, suiteTables } from "./table-store.ts";

const anna: Caller = { subject: "anna" };
const bert: Caller = { subject: "bert" };
const signed = (session: string): Caller => ({ signer: `AROAEXAMPLE:${session}` });
const unresolved = [500, "rejected", "idempotency_scope_unresolved"];

let log: string[];
beforeEach(() => {
  log = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void log.push(line));
});
afterEach(() => void vi.restoreAllMocks());

type Scope = HttpOptions["scope"];
const tenantOf = (request: HttpRequest): string | undefined => request.headers["x-tenant"]?.[0];

describe.for(forms)("%s", (form) => {
  describe.skipIf(!dynamodbLocal.available).for(frontDoors)("through: $name", (door) => {
    const tables = suiteTables(dynamodbLocal);

    it("by default callers share nothing: each has a run of its own, and its own answer", async () => {
      const table = await tables();
      const api = apiOn(table, charge(), { form, options: { scope: undefined } });
      const callers = [
        ...(door.names.includes("subject") ? [anna, bert] : []),
        ...(door.names.includes("signer") ? [signed("a"), signed("b")] : []),
      ];
      const first = [];
      for (const caller of callers) first.push(await api.send(door, { caller }));
      for (const [i, caller] of callers.entries()) expect((await api.send(door, { caller })).body).toEqual(first[i]?.body);
      expect([api.runs, new Set(first.map(({ body }) => body.toString())).size, (await table.items()).length]).toEqual([
        callers.length,
        callers.length,
        callers.length,
      ]);
    });

    it("nobody is named: refused, nothing runs, nothing is asked", async () => {
      const table = await tables();
      const api = apiOn(table, undefined, { form, options: { scope: undefined } });
      const answer = await api.send(door);
      expect([gist(answer), api.runs, table.faults.log]).toEqual([unresolved, 0, []]);
      expect(log).toEqual([expect.stringMatching(/^operation "payments": idempotency_scope_unresolved: .*`scope`.*"global"/)]);
    });
  });

  it("global: everybody shares a key", async () => {
    const api = apiOn(await memoryBench.open(), undefined, { form });
    const answers = [await api.send(payload2, { caller: anna }), await api.send(payload2, { caller: bert }), await api.send(payload2)];
    expect([answers.map((answer) => gist(answer)), api.runs]).toEqual([
      [
        [201, "created"],
        [201, "replayed"],
        [201, "replayed"],
      ],
      1,
    ]);
  });

  it("a tenant: of each its own, whoever sends", async () => {
    const api = apiOn(await memoryBench.open(), undefined, { form, options: { scope: tenantOf } });
    const send = (tenant: string, caller: Caller): Promise<unknown[]> =>
      api.send(payload2, { caller, headers: { "X-Tenant": tenant } }).then(gist);
    expect([await send("a", anna), await send("a", bert), await send("b", anna), api.runs]).toEqual([
      [201, "created"],
      [201, "replayed"],
      [201, "created"],
      2,
    ]);
  });

  it("a scope function sees the request as the front door has it, its event included", async () => {
    const seen: HttpRequest[] = [];
    const scope = (request: HttpRequest): string => {
      seen.push(request);
      return "all";
    };
    const api = apiOn(await memoryBench.open(), undefined, { form, options: { scope } });
    await api.send(payload2, {
      method: "patch",
      path: "/orders/1",
      route: "/orders/{id}",
      query: { a: ["1", "2"] },
      headers: { "X-Tenant": "t" },
    });
    expect(seen).toHaveLength(1);
    const [request] = seen as [HttpRequest];
    expect(request).toMatchObject({ method: "PATCH", path: "/orders/1", route: "/orders/{id}" });
    expect([{ ...request.query }, request.headers["x-tenant"], Buffer.from(request.body).toString()]).toEqual([
      { a: ["1", "2"] },
      ["t"],
      '{"amount":5,"currency":"EUR"}',
    ]);
    expect(request.event).toHaveProperty("rawPath");
  });

  it.for<{ name: string; scope: unknown }>([
    { name: "undefined", scope: () => undefined },
    { name: "null", scope: () => null },
    { name: "an empty text", scope: () => "" },
    { name: "an empty list", scope: () => [] },
    { name: "a list with nothing in it", scope: () => ["tenant", undefined] },
    { name: "NaN", scope: () => Number.NaN },
    { name: "an object", scope: () => ({ tenant: 1 }) },
    { name: "a function", scope: () => () => "a" },
    { name: "a symbol", scope: () => Symbol("a") },
    { name: "half a character", scope: () => "\ud800" },
    { name: "a promise", scope: async () => "a" },
    { name: "a promise that rejects", scope: async () => Promise.reject(new Error("secret")) },
    {
      name: "an error",
      scope: () => {
        throw new TypeError("secret");
      },
    },
    {
      name: "what is no error",
      scope: () => {
        throw "secret";
      },
    },
  ])("a function that gives $name: refused, nothing runs, nothing is asked", async ({ scope }) => {
    const bench = await memoryBench.open();
    const api = apiOn(bench, undefined, { form, options: { scope: scope as Scope } });
    const answer = await api.send(payload2, { caller: anna });
    expect([gist(answer), answer.headers["idempotency-key"], api.runs, bench.faults.log]).toEqual([unresolved, ["key-1"], 0, []]);
    expect(log).toEqual([expect.stringMatching(/idempotency_scope_unresolved/)]);
    expect(log.join("")).not.toContain("secret");
  });

  it.for<{ scope: () => unknown; says: RegExp }>([
    { scope: () => undefined, says: /`scope` gave no key: give a text, a number, or a list of them/ },
    { scope: () => Promise.reject(new Error("no")), says: /`scope` gave no key/ },
    {
      scope: () => {
        throw new RangeError("no");
      },
      says: /`scope` threw RangeError$/,
    },
  ])("the log says what is wrong with it: $says", async ({ scope, says }) => {
    const api = apiOn(await memoryBench.open(), undefined, { form, options: { scope: scope as Scope } });
    await api.send(payload2, { caller: anna });
    expect(log).toEqual([expect.stringMatching(says)]);
  });

  it.for([0, false, 5n, "global", "caller", ["a", ["b", 1]]])("%s is a scope like any other", async (given) => {
    const api = apiOn(await memoryBench.open(), undefined, { form, options: { scope: () => given as never } });
    expect([gist(await api.send(payload2)), gist(await api.send(payload2)), api.runs]).toEqual([[201, "created"], [201, "replayed"], 1]);
  });

  it.for<{ name: string; scope: (request: HttpRequest) => string }>([
    { name: "takes a header away", scope: ({ headers }) => (headers["x-api-version"]?.splice(0), "a") },
    { name: "wipes the body", scope: ({ body }) => (body.fill(0), "a") },
    { name: "changes the path", scope: (request) => ((request as { path: string }).path = "/") },
  ])("a function that $name makes no two payloads one", async ({ scope }) => {
    const options = { scope, fingerprintHeaders: ["x-api-version"], routeInKey: false };
    const api = apiOn(await memoryBench.open(), undefined, { form, options });
    const first = { headers: { "X-Api-Version": "1" }, path: "/payments/1" };
    const others = [
      { ...first, headers: { "X-Api-Version": "2" } },
      { ...first, body: { amount: 6, currency: "EUR" } },
      { ...first, path: "/payments/2" },
    ];
    const states = [];
    for (const request of [first, ...others, first]) states.push(gist(await api.send(payload2, request))[1]);
    expect(states).toEqual(["created", "mismatch", "mismatch", "mismatch", "replayed"]);
  });

  it("no scope reaches another kind's keys, whatever a function gives", async () => {
    const { store } = await memoryBench.open();
    const keyHashes = new Map<string, string>();
    let runs = 0;
    async function run(name: string, scope: Scope, caller: Caller | undefined = anna): Promise<void> {
      const api = apiOn({ store }, charge(), { form, options: { scope } });
      const answer = await api.send(payload2, caller === undefined ? {} : { caller });
      expect([name, ...gist(answer)]).toEqual([name, 201, "created"]);
      runs += api.runs;
      keyHashes.set(name, (api.events[0] as { keyHash: string }).keyHash);
    }
    await run("the caller", "caller");
    await run("everybody", "global");
    const principal = ["subject", "https://issuer.example", "anna"];
    const { createHash } = await import("node:crypto");
    const digests = (["base64url", "hex", "base64"] as const).map((form) =>
      createHash("sha256").update(JSON.stringify(principal)).digest(form),
    );
    const attempts: unknown[] = [
      "global",
      "caller",
      ["global"],
      ["caller"],
      principal,
      JSON.stringify(principal),
      ["caller", ...principal],
      ["caller", principal],
    ];
    for (const digest of digests) attempts.push(digest, ["caller", digest], [["caller", digest]], `caller,${digest}`);
    for (const given of new Map(attempts.map((one) => [JSON.stringify(one), one])).values()) {
      await run(`a function: ${JSON.stringify(given)}`, () => given as never);
    }
    expect([new Set(keyHashes.values()).size, runs]).toEqual([keyHashes.size, keyHashes.size]);
  });

  it("parts of a scope and a key do not run into each other", async () => {
    const { store } = await memoryBench.open();
    const pairs = [
      ["a", "bc"],
      ["ab", "c"],
      ["a,b", "c"],
      [["a", "b"], "c"],
      [["ab"], "c"],
    ] as const;
    for (const [scope, key] of pairs) {
      const api = apiOn({ store }, charge(), { form, options: { scope: () => scope } });
      expect([scope, key, gist(await api.send(payload2, { key }))]).toEqual([scope, key, [201, "created"]]);
    }
  });

  it("the scope is asked after the key and the body are known to be right, and not for what passes", async () => {
    const asked: string[] = [];
    const scope = (request: HttpRequest): string => {
      asked.push(request.method);
      return "all";
    };
    const api = apiOn(await memoryBench.open(), undefined, { form, options: { scope, maxBodyBytes: 40, required: false } });
    for (const request of [{ method: "GET" }, { key: null }, { key: "a b" }, { body: "x".repeat(41) }, { body: "\ud800" }])
      await api.send(payload2, request);
    expect(asked).toEqual([]);
    await api.send(payload2);
    expect(asked).toEqual(["POST"]);
  });
});
