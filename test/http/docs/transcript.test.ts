import { describe, expect, it } from "vitest";
import { findCurl } from "../../engines/curl.ts";
import { shownTranscripts, withTranscripts } from "./page.ts";
import { playTranscripts } from "./play.ts";

describe.skipIf("missing" in findCurl())("the transcripts of docs/http.md (curl)", () => {
  it("are what curl prints, to the letter, and each is there once", { timeout: 120_000 }, async () => {
    const played = await playTranscripts();
    const shown = shownTranscripts();
    expect([...shown.keys()].toSorted()).toEqual([...played.keys()].toSorted());
    for (const [part, text] of played) expect(shown.get(part), `npm run transcript:http -- --write (${part})`).toBe(text);
  });
});

it("a part that nobody plays is an error, and other text stays", () => {
  const text = "# Page\n\n<!-- transcript:a -->\n\n```text\nold\n```\n\n<!-- /transcript -->\n";
  expect(withTranscripts(new Map([["a", "new\n"]]), text)).toBe(text.replace("old", "new"));
  expect(() => withTranscripts(new Map(), text)).toThrow('shows "a"');
});
