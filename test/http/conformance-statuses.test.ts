// Conformance 7: which answers are kept, by their status, and the table of answers; through each front door, in both forms.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ErrorPolicy } from "../../src/index.ts";
import { apiOn, type ApiSetup, charge, expectReplay, forms, gist, type KeyedRequest, type Work } from "./api.ts";
import { frontDoors } from "./front-doors.ts";
import type { Received } from "./received.ts";
import { dynamodbLocal, suiteTables, type TableStore } from "./table-store.ts";
import { refusals } from "./wire-refusals.ts";
import { rows } from "./wire-table.ts";

const kept = [200, 201, 202, 204, 301, 303, 304, 400, 402, 404, 405, 410, 412, 413, 415, 422, 451];
const freed = [401, 403, 407, 408, 409, 423, 424, 425, 429];
const failed = [500, 501, 502, 503, 504, 599];

/** What becomes of a key: the state that the first client is told, and how often the handler has run after the second one. */
const endings = {
  kept: { told: "created", runs: 1 },
  freed: { told: "released", runs: 2 },
  held: { told: "uncertain", runs: 1 },
} as const;
type Ending = keyof typeof endings;

const policies: readonly (readonly [onServerError: ErrorPolicy, ending: Ending])[] = [
  ["release", "freed"],
  ["keep", "kept"],
  ["hold", "held"],
];

describe.skipIf(!dynamodbLocal.available).for(frontDoors)("through: $name", (door) => {
  const tables = suiteTables(dynamodbLocal);
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
  afterEach(() => void vi.restoreAllMocks());

  /** Sends twice under a key of its own, and holds what becomes of that key. */
  async function expectEnding(ending: Ending, status: number, table: TableStore, setup: ApiSetup): Promise<void> {
    const { told, runs } = endings[ending];
    const work: Work = () => ({ status: api.runs === 1 ? status : 201, headers: { location: "/1" }, body: `run ${api.runs}` });
    const api = apiOn(table, work, setup);
    const send = (): Promise<Received> => api.send(door, { key: `key-${status}` });
    const first = await send();
    expect([gist(first), String(first.body)]).toEqual([[status, told], "run 1"]);
    const second = await send();
    expect([status, api.runs]).toEqual([status, runs]);
    if (ending === "kept") return expectReplay(second, first);
    if (ending === "held") return expect(gist(second)).toEqual([409, "uncertain", "idempotency_outcome_uncertain"]);
    expect([gist(second), String(second.body)]).toEqual([[201, "created"], "run 2"]);
    expectReplay(await send(), second);
  }

  describe.for(forms)("%s", (form) => {
    it.for(kept)("%i is kept", async (status) => expectEnding("kept", status, await tables(), { form }));

    it.for(freed)("%i frees its key", async (status) => expectEnding("freed", status, await tables(), { form }));

    it.for(policies)("onServerError %s: a 5xx is %s, and nothing else is changed", async ([onServerError, ending]) => {
      const table = await tables();
      const expectOf = (status: number, its: Ending): Promise<void> =>
        expectEnding(its, status, table, { form, options: { onServerError } });
      await Promise.all([...failed.map((status) => expectOf(status, ending)), expectOf(404, "kept"), expectOf(409, "freed")]);
    });
  });

  it.for(forms.flatMap((form) => [...rows, ...refusals].map((row) => ({ ...row, form }))))("$title, $form", async ({ form, ...row }) => {
    const table = await tables();
    const docsUrl = "https://api.example/idempotency";
    const during: Received[] = [];
    const { work = charge() } = row;
    const run: Work = async (...args) => {
      if (row.during !== undefined) during.push(await row.during(send));
      return work(...args);
    };
    const api = apiOn(table, run, { form, options: { docsUrl, ...row.options } });
    const send = (request?: KeyedRequest): Promise<Received> => api.send(door, request);
    const asked = await (row.provoke ?? ((_, only) => only()))(api, send, table);
    const answer = during[0] ?? asked;
    expect([gist(answer), api.runs]).toEqual([row.gist, row.runs]);
    const { headers } = answer;
    expect(headers["idempotency-key"]).toEqual(row.echo === null ? undefined : ["key-1"]);
    expect(headers["idempotent-replayed"]).toEqual(row.replayed === true ? ["true"] : undefined);
    expect(headers["idempotency-original-request"]).toEqual(row.hasOriginal === true ? ["request-1"] : undefined);
    expect(headers["retry-after"]).toEqual(row.retryAfter === undefined ? undefined : [row.retryAfter]);
    const isOurs = row.replayed === true || row.gist[2] !== undefined;
    expect(headers["cache-control"]).toEqual(isOurs ? ["no-store"] : undefined);
    if (row.gist[2] === undefined) return expect(headers).not.toHaveProperty("link");
    expect(headers["link"]).toEqual([`<${docsUrl}>; rel="describedby"; type="text/html"`]);
    const { type, status, retryable, safeToUseNewKey, ...more } = JSON.parse(String(answer.body)) as Record<string, unknown>;
    expect([type, status, retryable, safeToUseNewKey]).toEqual([`${docsUrl}#${row.gist[2] as string}`, row.gist[0], ...(row.advice ?? [])]);
    expect(Object.keys(more).sort()).toEqual([
      "code",
      "detail",
      "instance",
      ...(row.retryAfter === undefined ? [] : ["retryAfter"]),
      "title",
    ]);
  });
});
