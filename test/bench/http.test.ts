// The two that are compared do the same work, and a fingerprint that is not linear is seen.
import { expect, it } from "vitest";
import { check } from "../../bench/bars.ts";
import { growthOf, measureFingerprint } from "../../bench/http.ts";
import { bodyNames, bodyOf, bodySizesKb } from "../../bench/http-bodies.ts";
import { contestants } from "../../bench/http-handlers.ts";
import { freshClient, recordingClient } from "../../bench/stub.ts";

it.for(["http", "wrapper"] as const)("%s runs a fresh request with two requests to the store, and answers 201", async (name) => {
  const client = freshClient();
  let sent = 0;
  const send = client.send.bind(client);
  client.send = ((command: never) => (sent++, send(command))) as typeof client.send;
  const deliver = contestants(client)[name];
  for (const n of [1, 2]) expect(await deliver(n)).toMatchObject({ statusCode: 201 });
  expect(sent).toBe(4);
});

it.for(["http", "wrapper"] as const)("%s replays the request that comes again", async (name) => {
  const recording = recordingClient(["pk", "sk"]);
  const first = await contestants(recording.client)[name](1);
  const again = await contestants(await recording.replay())[name](1);
  expect((again as { body: string }).body).toBe((first as { body: string }).body);
  if (name === "http") expect(again).toMatchObject({ headers: { "idempotent-replayed": "true" } });
});

it("bodies have the size that they are said to have", () => {
  for (const name of bodyNames) {
    for (const kb of bodySizesKb.slice(0, 3)) expect(bodyOf(name, kb).length / 1024 / kb, `${name}, ${kb} KB`).toBeCloseTo(1, 0);
  }
});

it("a bar falls where a fingerprint is not linear", async () => {
  const row = await measureFingerprint("no JSON", true);
  expect(growthOf(row)).toBeGreaterThan(3);
  const results = { http: { cpu: { httpUs: 1, wrapperUs: 1, ratio: 1 }, fingerprints: [row] } };
  const fallen = check(results, ["http"]).filter(({ value, outcome }) => value !== undefined && outcome === "falls");
  expect(fallen.map(({ bar }) => bar.name)).toEqual([expect.stringContaining("no JSON")]);
});
