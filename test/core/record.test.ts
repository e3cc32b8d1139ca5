import { expect, it } from "vitest";
import { codecOf, endedAt, isExpired, nameOf, textOf } from "../../src/core/record.ts";
import { claimedRecord } from "../../src/core/store.ts";
import { callOn, refOn } from "./call-on.ts";

const claimed = claimedRecord(refOn(callOn()), 1);

it("is named by operation and key", () => {
  expect(nameOf({ operation: "charge", keyHash: "hash" })).toBe("charge#hash");
});

it.for([
  { now: 9_999, expired: false },
  { now: 10_000, expired: true },
])("that expires at 10 s is expired at $now ms: $expired", ({ now, expired }) => {
  expect(isExpired({ ...claimed, expiresAt: 10 }, now)).toBe(expired);
});

it("ended when it was completed, else when it began", () => {
  expect(endedAt({ ...claimed, startedAt: 1, completedAt: 2 })).toBe(2);
  expect(endedAt({ ...claimed, startedAt: 1 })).toBe(1);
});

it.for([
  { encoding: "json", codec: "json" },
  { encoding: "json+br", codec: "json" },
  { encoding: "own+br+aes", codec: "own" },
  { encoding: undefined, codec: undefined },
])("of encoding $encoding is for the codec $codec", ({ encoding, codec }) => {
  expect(codecOf(encoding)).toBe(codec);
});

it.for([
  { encoding: "json", result: "text", text: "text" },
  { encoding: "json", result: "", text: "" },
  { encoding: "json", result: undefined, text: undefined },
  { encoding: "json", result: Uint8Array.of(1), text: undefined },
  { encoding: "json+br", result: "text", text: undefined },
  { encoding: undefined, result: "text", text: undefined },
])("of encoding $encoding with $result has the text $text", ({ encoding, result, text }) => {
  expect(textOf({ ...claimed, encoding, result })).toBe(text);
});
