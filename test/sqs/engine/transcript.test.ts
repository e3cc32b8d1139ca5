import { describe, expect, it } from "vitest";
import { findMinistack } from "../../engines/ministack.ts";
import { normalised, playTranscript, shownTranscript } from "./transcript.ts";

describe.skipIf("missing" in findMinistack())("the transcript of the redrive trap (MiniStack)", () => {
  it("is what docs/sqs.md shows, but for the ids", async () => {
    expect(normalised(shownTranscript()), "npm run transcript:redrive -- --write").toBe(normalised(await playTranscript()));
  });
});

it("ids are told apart, and nothing else is lost", () => {
  const [a, b] = ["0a1b2c3d", "4e5f6a7b"];
  expect(normalised(`sent ${a}, then ${b}: ${a}`)).toBe("sent m1, then m2: m1");
  expect(normalised(`sent ${a}, then ${a}`)).not.toBe(normalised(`sent ${a}, then ${b}`));
});
