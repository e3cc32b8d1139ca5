// What a user's own function throws may hold anything of a request: it is found in no log, event, answer or item.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inspect } from "node:util";
import { ReplayedError } from "../../src/index.ts";
import type { HttpOptions } from "../../src/http/index.ts";
import { type Api, apiOn, forms, gist } from "./api.ts";
import { httpError, outcome } from "./chains.ts";
import { payload2 } from "./front-doors.ts";
import type { Received } from "./received.ts";
import { dynalite, suiteTables } from "./table-store.ts";

const secret = "hunter2";

class Leak extends Error {
  readonly token = secret;
  constructor() {
    super(`no ${secret}`, { cause: new Error(secret) });
    this.name = "Leak";
  }
}

const leaks = (): never => {
  throw new Leak();
};
const leaksLater = (): Promise<never> => Promise.reject(new Leak());
const leaksText = (): never => {
  throw `no ${secret}`;
};

const written: unknown[][] = [];
beforeEach(() => {
  written.length = 0;
  for (const level of ["error", "warn", "info", "log", "debug"] as const) {
    vi.spyOn(console, level).mockImplementation((...args) => void written.push(args));
  }
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    vi.spyOn(stream, "write").mockImplementation((...args) => {
      written.push(args);
      return write(...(args as Parameters<typeof write>));
    });
  }
});
afterEach(() => void vi.restoreAllMocks());

const deep = (value: unknown): string => inspect(value, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });

/** What a client gets; an error is what Lambda would show of it. */
async function send(api: Api, request = {}): Promise<Received | Error> {
  return (await outcome(api.send(payload2, request))) as Received | Error;
}

interface Case {
  readonly name: string;
  readonly options: Partial<HttpOptions>;
  /** Of two requests with one key. */
  readonly answers: readonly unknown[][];
}

const fresh = [201, "created"];
const replay = [201, "replayed"];
const scopeFails = [500, "rejected", "idempotency_scope_unresolved"];
const misconfigured = [500, "rejected", "idempotency_misconfigured"];
const unavailable = [409, "unavailable", "idempotency_result_unavailable"];

const cases: readonly Case[] = [
  ...Object.entries({ throws: leaks, rejects: leaksLater, "throws a text": leaksText }).flatMap(([how, leak]): Case[] => [
    { name: `scope ${how}`, options: { scope: leak as never }, answers: [scopeFails, scopeFails] },
    { name: `leaseMs ${how}`, options: { leaseMs: leak as never }, answers: [misconfigured, misconfigured] },
    { name: `keepStatus ${how}`, options: { keepStatus: leak as never }, answers: [fresh, replay] },
    { name: `toStored ${how}`, options: { toStored: leak as never }, answers: [fresh, unavailable] },
    { name: `fromStored ${how}`, options: { fromStored: leak as never }, answers: [fresh, unavailable] },
    { name: `onEvent ${how}`, options: { onEvent: leak as never }, answers: [fresh, replay] },
  ]),
  { name: "scope gives what is no key", options: { scope: () => ({ token: secret }) as never }, answers: [scopeFails, scopeFails] },
  { name: "leaseMs gives what is no number", options: { leaseMs: () => secret as never }, answers: [misconfigured, misconfigured] },
  { name: "leaseMs gives a promise", options: { leaseMs: (async () => secret) as never }, answers: [misconfigured, misconfigured] },
  { name: "toStored gives no answer", options: { toStored: () => ({ body: secret }) as never }, answers: [fresh, unavailable] },
  { name: "fromStored gives no answer", options: { fromStored: () => ({ body: secret }) as never }, answers: [fresh, unavailable] },
  { name: "onReplay gives no answer", options: { onReplay: () => ({ body: secret }) as never }, answers: [fresh, unavailable] },
];

describe.for(forms)("%s", (form) => {
  const tables = suiteTables(dynalite);

  it.for(cases)("$name", async ({ options, answers }) => {
    const table = await tables();
    const api = apiOn(table, undefined, { form, options });
    const first = await send(api);
    const second = await send(api);
    expect([first, second].map((answer) => gist(answer as Received))).toEqual(answers);
    await new Promise(setImmediate); // a rejection that nobody has looked at ends the process
    expect(deep([written, api.events, first, second, await table.items()])).not.toContain(secret);
  });

  it("a function for the lease gets event and context, and nothing else, which might have the key in it", async () => {
    const seen: unknown[][] = [];
    const leaseMs = (...args: unknown[]): number => seen.push(args) * 10_000;
    await send(apiOn(await tables(), undefined, { form, options: { leaseMs } }));
    expect(seen).toEqual([[expect.objectContaining({ version: "2.0" }), expect.objectContaining({ awsRequestId: "request-1" })]]);
  });

  it("what the handler throws is its client's alone, unless it is kept: no event, log or item has it", async () => {
    for (const onServerError of ["release", "hold"] as const) {
      const table = await tables();
      const api = apiOn(table, leaks, { form, options: { onServerError } });
      expect(await send(api)).toMatchObject({ message: `no ${secret}` });
      expect(deep([written, api.events, await table.items()])).not.toContain(secret);
    }
  });

  it("of a kept error only what is thrown again is in the table: name, message, status, code, headers", async () => {
    const table = await tables();
    const error = httpError(404, {
      cause: new Error(secret),
      token: secret,
      stack: secret,
      headers: { "Set-Cookie": secret, "X-Token": secret },
    });
    const api = apiOn(table, () => Promise.reject(error), { form });
    await send(api);
    const again = await send(api);
    console.error(inspect(again)); // as whoever gets it
    expect(again).toBeInstanceOf(ReplayedError);
    expect(deep([written, api.events, await table.items()])).not.toContain(secret);
    expect(Object.keys(again).filter((name) => name !== "stack")).toEqual(expect.arrayContaining(["name", "statusCode", "expose"]));
    expect(inspect({ ...again })).not.toContain(secret);
  });

  it("what `onReplay` throws is the client's, as it is, and no log, event or item has it", async () => {
    const table = await tables();
    const api = apiOn(table, undefined, { form, options: { onReplay: leaks } });
    await send(api);
    expect(await send(api)).toMatchObject({ name: "Leak" });
    expect(deep([written, api.events, await table.items()])).not.toContain(secret);
    expect(api.runs).toBe(1);
  });

  it("what `toStored` takes out is not in the table, and what `fromStored` fills in comes to a replay", async () => {
    const table = await tables();
    const work = () => ({
      status: 201,
      headers: { "content-type": "text/plain", link: secret },
      cookies: [secret],
      body: `token ${secret}`,
    });
    const api = apiOn(table, work, {
      form,
      options: {
        toStored: ({ headers, ...answer }) => ({ ...answer, headers: { "content-type": headers["content-type"] ?? [] }, body: "token …" }),
        fromStored: (answer, { path }) => ({ ...answer, body: answer.body.replace("…", `of ${path}`), cookies: ["a=1"] }),
      },
    });
    const [first, second] = [await send(api), await send(api)] as Received[];
    expect([first?.body.toString(), first?.cookies, second?.body.toString(), second?.cookies]).toEqual([
      `token ${secret}`,
      [secret],
      "token of /payments",
      ["a=1"],
    ]);
    expect(deep([written, api.events, second, await table.items()])).not.toContain(secret);
  });

  it("hooks change copies: neither the fresh answer nor the record", async () => {
    const table = await tables();
    const spoil = (answer: { headers: Record<string, string[]> }): void => void (answer.headers["content-type"] = ["spoilt"]);
    const api = apiOn(table, () => ({ status: 201, headers: { "content-type": "text/plain" }, body: "paid" }), {
      form,
      options: {
        toStored: (answer) => {
          const copy = structuredClone(answer);
          spoil(answer);
          return copy;
        },
        onReplay: (answer) => {
          const copy = structuredClone(answer);
          spoil(answer);
          return copy;
        },
      },
    });
    const answers = [await send(api), await send(api), await send(api)] as Received[];
    expect(answers.map(({ headers }) => headers["content-type"])).toEqual([["text/plain"], ["text/plain"], ["text/plain"]]);
  });
});
