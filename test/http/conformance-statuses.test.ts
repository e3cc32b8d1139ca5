// Conformance 7: which answers are kept, by their status, and the table of answers; through each front door.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { apiOn, charge, expectReplay, forms, gist, type KeyedRequest, type Work } from "./api.ts";
import { frontDoors } from "./front-doors.ts";
import type { Received } from "./received.ts";
import { dynamodbLocal, suiteTables } from "./table-store.ts";
import { refusals } from "./wire-refusals.ts";
import { rows } from "./wire-table.ts";

const kept = [200, 201, 202, 204, 301, 303, 304, 400, 402, 404, 405, 410, 412, 413, 415, 422, 451];
const released = [401, 403, 407, 408, 409, 423, 424, 425, 429, 500, 501, 502, 503, 504];

describe.skipIf(!dynamodbLocal.available).for(frontDoors)("through: $name", (door) => {
  const tables = suiteTables(dynamodbLocal);
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
  afterEach(() => void vi.restoreAllMocks());

  it.for(kept)("%i is kept", async (status) => {
    const api = apiOn(await tables(), () => ({ status, headers: { location: "/1" }, body: `run ${api.runs}` }));
    const first = await api.send(door);
    expect(gist(first)).toEqual([status, "created"]);
    expectReplay(await api.send(door), first);
    expect(api.runs).toBe(1);
  });

  it.for(released)("%i frees its key", async (status) => {
    const api = apiOn(await tables(), () => ({ status: api.runs === 1 ? status : 201, body: `run ${api.runs}` }));
    const first = await api.send(door);
    expect([gist(first), String(first.body)]).toEqual([[status, "released"], "run 1"]);
    const second = await api.send(door);
    expect([gist(second), String(second.body)]).toEqual([[201, "created"], "run 2"]);
    expectReplay(await api.send(door), second);
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
