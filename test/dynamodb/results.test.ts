import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/core/store.ts";
import { fitOutcome } from "../../src/dynamodb/results.ts";

// An item has at most 400 KB, of which 8 are for what is beside the result.
const most = 392 * 1024;
const emoji = "\u{1F600}"; // 4 bytes

function completed(text: string | undefined, encoding = "json"): Outcome {
  return { status: "completed", encoding, text, completedAt: 1, expiresAt: 2, write: "update" };
}

describe("a result in the claim item", () => {
  it.for([
    { name: "nothing", text: "", bytes: 0 },
    { name: "a little", text: '"done"', bytes: 6 },
    { name: "as much as fits", text: "a".repeat(most), bytes: most },
    { name: "as much as fits, in four bytes each", text: emoji.repeat(most / 4), bytes: most },
  ])("is kept as it is: $name", ({ text, bytes }) => {
    const outcome = completed(text);
    expect(fitOutcome(outcome)).toEqual({ outcome, kept: { encoding: "json", bytes } });
  });

  it.for([
    { name: "one byte too many", text: "a".repeat(most + 1), bytes: most + 1 },
    { name: "one character too many, of few", text: `${emoji.repeat(most / 4)}a`, bytes: most + 1 },
  ])("is lost, never sent: $name", ({ text, bytes }) => {
    const { outcome, kept } = fitOutcome(completed(text));
    expect(outcome).toEqual({ status: "completed", encoding: "lost", completedAt: 1, expiresAt: 2, write: "update" });
    expect(kept).toEqual({ encoding: "lost", bytes: 0, reason: expect.stringContaining(String(bytes)) as string });
  });

  it.for(["void", "lost"])("that is not there takes no room: %s", (encoding) => {
    const outcome = completed(undefined, encoding);
    expect(fitOutcome(outcome)).toEqual({ outcome, kept: { encoding, bytes: 0 } });
  });

  it.for(["failed", "held", "released"] as const)("is none of %s", (status) => {
    const outcome: Outcome = { status, error: { name: "Error" }, completedAt: 1, expiresAt: 2, write: "update" };
    expect(fitOutcome(outcome)).toEqual({ outcome, kept: undefined });
  });
});
