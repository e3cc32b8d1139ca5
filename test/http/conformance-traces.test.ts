// Conformance 8: what is written. The whole table, all logs, events and metrics hold no key, no payload and no credential of a
// request, and no cookie of an answer.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ReplayedError } from "../../src/index.ts";
import { emfMetrics } from "../../src/metrics/index.ts";
import { type Api, apiOn, forms, gist, operation } from "./api.ts";
import { httpError, outcome } from "./chains.ts";
import { type Answer, frontDoors, rest } from "./front-doors.ts";
import type { Received } from "./received.ts";
import { answer, request, secrets, stories, type Story } from "./stories.ts";
import { dynamodbLocal, suiteTables, type TableStore } from "./table-store.ts";

const written: unknown[] = [];
const publish = (event: unknown): void => void written.push(event);
beforeEach(() => {
  written.length = 0;
  for (const level of ["error", "warn", "info", "log", "debug", "trace"] as const) {
    vi.spyOn(console, level).mockImplementation((...line) => void written.push(line));
  }
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockImplementation((line) => written.push(line) > 0);
  subscribe("lambda-once", publish);
});
afterEach(() => {
  unsubscribe("lambda-once", publish);
  vi.restoreAllMocks();
});

/** As it is, and as somebody may have encoded it. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [secret, bytes.toString("base64").replace(/.{0,2}=*$/, ""), bytes.toString("hex"), encodeURIComponent(secret)];
}

function leaks(place: unknown): string[] {
  const text =
    typeof place === "string" ? place : inspect(place, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });
  return Object.entries(secrets).flatMap(([name, secret]) => (formsOf(secret).some((form) => text.includes(form)) ? [name] : []));
}

/** As Lambda's runtime and Middy's error handler log what is thrown: by what it enumerates. */
function log(error: Error): void {
  console.error(JSON.stringify({ ...error, message: error.message, stack: error.stack }), inspect(error, { depth: 20 }));
}

/** Items as they are, and bytes in them as text. */
async function itemsOf(table: TableStore): Promise<unknown> {
  const items = await table.items();
  const bytes = items.flatMap((item) =>
    Object.values(item).flatMap(({ B }) => (B === undefined ? [] : [Buffer.from(B).toString("latin1")])),
  );
  return [JSON.stringify(items), bytes];
}

describe.skipIf(!dynamodbLocal.available).for(forms)("%s", (form) => {
  const tables = suiteTables(dynamodbLocal);

  function apiOf(table: TableStore, { runs, throws, options }: Story): Api {
    const metrics = emfMetrics();
    const left = [...runs];
    const scope = ({ headers }: { headers: Record<string, string[]> }) => headers["x-tenant"]?.[0];
    const work = (): Answer => {
      const status = left.shift() ?? 500;
      if (throws) throw httpError(status, { headers: { ...answer.headers, "Set-Cookie": secrets.setCookie }, token: secrets.token });
      return { status, ...answer };
    };
    return apiOn(table, work, {
      form,
      options: { scope, onEvent: (event) => [written.push(event), metrics(event)], ...options },
    });
  }

  describe.for(frontDoors)("through: $name", (door) => {
    it.for(stories)("$title", async (story) => {
      const table = await tables();
      const api = apiOf(table, story);
      await story.tell(async (more) => {
        const got = await outcome(api.send(door, { ...request, ...more }));
        if (got instanceof ReplayedError) log(got);
        return got instanceof Error ? [] : gist(got as Received);
      }, table);
      expect(api.runs).toBe(story.runs.length);
      const types = written.flatMap((each) => (each as { type?: string }).type ?? []);
      expect([...new Set(types)].sort()).toEqual(story.types);
      expect(written.filter((each) => Array.isArray(each)).length > 0).toBe(story.isLogged === true);
      expect([leaks(written), leaks(await itemsOf(table))]).toEqual([[], []]);
    });
  });

  it("the table holds what it is to hold, and nothing else", async () => {
    const table = await tables();
    await apiOf(table, stories[0] as Story).send(rest, request);
    const [item, ...others] = await table.items();
    expect(others).toEqual([]);
    expect(Object.keys(item ?? {}).sort()).toEqual(
      "attempt completedAt encoding expiresAt fingerprint leaseUntil owner pk requestId result sk startedAt status v".split(" "),
    );
    expect(item?.["pk"]?.S).toMatch(new RegExp(`^${operation}#[A-Za-z0-9_-]{43}$`));
    expect(JSON.parse(item?.["result"]?.S ?? "")).toEqual({ status: 201, headers: { "content-type": ["text/plain"] }, body: "an answer" });
  });

  it("a leak would be found: the secrets do reach the handler, and the answer does go out", async () => {
    const table = await tables();
    const api = apiOn(
      table,
      (event: never) => {
        console.log(event);
        return { status: 201, ...answer, body: JSON.stringify(secrets) };
      },
      { form },
    );
    const sent = await api.send(rest, request);
    const ofRequest = Object.keys(secrets).filter((name) => name !== "setCookie" && name !== "token");
    expect(leaks(written)).toEqual(ofRequest);
    expect(leaks(await itemsOf(table))).toEqual(Object.keys(secrets));
    expect([sent.cookies.join(), sent.headers["x-auth-token"]?.[0]]).toEqual([`${secrets.setCookie}; HttpOnly`, secrets.token]);
  });
});
