// Why a request runs without protection, as its event says.
import { describe, expect, it } from "vitest";
import type { HttpOptions } from "../../src/http/index.ts";
import { memoryBench } from "../support/bench.ts";
import { apiOn, forms, gist } from "./api.ts";
import { payload2 } from "./front-doors.ts";

describe.for(forms)("%s", (form) => {
  it.for<{ name: string; options: Partial<HttpOptions>; key: string | null; reason: string }>([
    { name: "no key, and none is required", options: { required: false }, key: null, reason: "missing_key" },
    { name: "no key, none is required, and switched off", options: { required: false, enabled: false }, key: null, reason: "disabled" },
    { name: "no key, though one is required, and switched off", options: { enabled: false }, key: null, reason: "disabled" },
    { name: "a malformed key, and switched off", options: { required: false, enabled: false }, key: "a b", reason: "disabled" },
    { name: "a key, and switched off", options: { required: false, enabled: false }, key: "key-1", reason: "disabled" },
  ])("$name: $reason", async ({ options, key, reason }) => {
    const bench = await memoryBench.open();
    const api = apiOn(bench, undefined, { form, options });
    expect(gist(await api.send(payload2, { key }))).toEqual([201, undefined]);
    expect([api.events, bench.faults.log]).toMatchObject([[{ type: "unprotected", reason }], []]);
  });
});
