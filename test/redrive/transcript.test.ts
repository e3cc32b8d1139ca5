import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findMinistack } from "../engines/ministack.ts";
import { normalised, shownRunbook, toldBy } from "./transcript/page.ts";
import { playRunbook } from "./transcript/play.ts";

describe.skipIf("missing" in findMinistack())("the runbook of docs/redrive.md (MiniStack)", () => {
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {})); // what the handler's messages fail with
  afterEach(() => void vi.restoreAllMocks());

  it("is what the command prints, but for ids and times; and each order is done once", { timeout: 120_000 }, async () => {
    const { runbook, effects } = await playRunbook();
    const shown = shownRunbook();
    expect([...shown.keys()]).toEqual([...runbook.keys()]);
    for (const [part, text] of toldBy(runbook))
      expect(normalised(shown.get(part) ?? ""), "npm run transcript:runbook -- --write").toBe(normalised(text));
    expect(Object.fromEntries(effects)).toEqual({ "order-1": 1, "order-2": 1, "order-3": 1, "order-4": 1 });
  });
});

it("ids are told apart, and nothing else is lost", () => {
  const [a, b] = ["0a1b2c3d-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000002"];
  expect(normalised(`sent ${a}, then ${b}: ${a} at 2026-11-28T16:09:01.025Z`)).toBe("sent <1>, then <2>: <1> at <time>");
  expect(normalised(`sent ${a}, then ${a}`)).not.toBe(normalised(`sent ${a}, then ${b}`));
});
