// Stores that trim texts.
import { nameOf, type RecordId } from "../../src/core/record.ts";
import type { Answer, Outcome } from "../../src/core/store.ts";
import type { Break, NamedBreaks } from "./breaks.ts";

type Member = "fingerprint" | "requestId" | "messageId";

/** A call that is applied leaves a member of its record trimmed. */
const trims =
  (call: "claim" | "takeOver" | "settle", member: Member): Break =>
  (store, records) => ({
    async [call](...given: readonly [{ readonly id: RecordId }]) {
      const answer = await (store[call] as (...given: readonly unknown[]) => Promise<Answer>)(...given);
      const now = records.get(nameOf(given[0].id));
      if (answer.applied && now !== undefined) records.set(nameOf(now.id), { ...now, [member]: now[member]?.trim() });
      return answer;
    },
  });

/** Trims a member of the error of what ends so. */
const trimsError =
  (status: Outcome["status"], member: "name" | "message" | "code"): Break =>
  (store) => ({
    settle(claim, outcome) {
      if (outcome.status !== status || outcome.status === "completed") return store.settle(claim, outcome);
      const value = outcome.error[member];
      const error = typeof value === "string" ? { ...outcome.error, [member]: value.trim() } : outcome.error;
      return store.settle(claim, { ...outcome, error });
    },
  });

/** Changes the text of a result whose length is from so much up to so much. */
const changesResult =
  (from: number, to: number, changed: (text: string) => string): Break =>
  (store) => ({
    async result(record) {
      const text = await store.result(record);
      return text !== undefined && text.length >= from && text.length < to ? changed(text) : text;
    },
  });

const callsWithTexts = {
  claim: "claim: white space at the ends of its texts comes back",
  takeOver: "takeOver: white space at the ends of its texts comes back",
  settle: "settle: white space at the ends of the texts of a put comes back",
};
const aSmallResult = "result: a text with white space at its ends comes back byte for byte";
const a20KbResult = "result: 20 KB with white space at their ends comes back byte for byte";
const aLargeResult = "result: 1 MB with white space at its ends comes back byte for byte";
const aBlankResult = "result: white space alone comes back byte for byte";
const allResults = [aSmallResult, a20KbResult, aLargeResult, aBlankResult];

export const textBreaks: NamedBreaks = {
  ...Object.fromEntries(
    (["claim", "takeOver", "settle"] as const).flatMap((call) =>
      (["fingerprint", "requestId", "messageId"] as const).map((member) => [
        `${call} trims ${member}`,
        [[callsWithTexts[call]], trims(call, member)] as const,
      ]),
    ),
  ),
  ...Object.fromEntries(
    (["failed", "held", "released"] as const).flatMap((status) =>
      (["name", "message", "code"] as const).map((member) => [
        `the ${member} of an error that is ${status} is trimmed`,
        [[`settle: white space at the ends of the texts of an error that is ${status} comes back`], trimsError(status, member)] as const,
      ]),
    ),
  ),
  "results are trimmed": [allResults, changesResult(0, Infinity, (text) => text.trim())],
  "results are trimmed at the start": [allResults, changesResult(0, Infinity, (text) => text.trimStart())],
  "results are trimmed at the end": [allResults, changesResult(0, Infinity, (text) => text.trimEnd())],
  "a byte order mark is taken away": [allResults, changesResult(0, Infinity, (text) => text.replace(/^\ufeff/, ""))],
  "newlines of results are one character": [allResults, changesResult(0, Infinity, (text) => text.replaceAll("\r\n", "\n"))],
  "small results are trimmed": [[aSmallResult, aBlankResult], changesResult(0, 1000, (text) => text.trim())],
  "results of 20 KB are trimmed": [[a20KbResult], changesResult(1000, 100_000, (text) => text.trim())],
  "large results are trimmed": [[aLargeResult], changesResult(400_000, Infinity, (text) => text.trim())],
};
