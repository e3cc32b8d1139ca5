// Answers of functions to a batch, good and malformed.
import type { Malformed } from "./verdict.ts";

export interface Named {
  readonly name: string;
  readonly answer: unknown;
}

export const nothingFailed: readonly Named[] = [
  { name: "undefined", answer: undefined },
  { name: "null", answer: null },
  { name: "an empty response", answer: {} },
  { name: "an empty list", answer: { batchItemFailures: [] } },
  { name: "a list that is null", answer: { batchItemFailures: null } },
  { name: "a list that is undefined", answer: { batchItemFailures: undefined } },
  { name: "a list of another name", answer: { failures: [{ itemIdentifier: "a" }] } },
];

const circular: Record<string, unknown> = {};
circular["itself"] = circular;

/** The five that AWS documents, the first and the fourth in several forms. */
export const malformedAnswers: readonly (Named & { readonly reason: Malformed })[] = [
  { name: "no JSON: circular", answer: circular, reason: "invalid JSON" },
  { name: "no JSON: a bigint", answer: { batchItemFailures: [], count: 1n }, reason: "invalid JSON" },
  { name: "no object: a text", answer: "batchItemFailures", reason: "invalid JSON" },
  { name: "no object: a list", answer: [{ itemIdentifier: "a" }], reason: "invalid JSON" },
  { name: "failures that are no list", answer: { batchItemFailures: { itemIdentifier: "a" } }, reason: "invalid JSON" },
  { name: "an empty id", answer: { batchItemFailures: [{ itemIdentifier: "" }] }, reason: "empty id" },
  { name: "an id that is null", answer: { batchItemFailures: [{ itemIdentifier: null }] }, reason: "null id" },
  { name: "itemIdentifiers", answer: { batchItemFailures: [{ itemIdentifiers: "a" }] }, reason: "wrong key name" },
  { name: "itemId", answer: { batchItemFailures: [{ itemId: "a" }] }, reason: "wrong key name" },
  { name: "a bare id", answer: { batchItemFailures: ["a"] }, reason: "wrong key name" },
  { name: "no id, as undefined is no JSON", answer: { batchItemFailures: [{ itemIdentifier: undefined }] }, reason: "wrong key name" },
  { name: "an id of another batch", answer: { batchItemFailures: [{ itemIdentifier: "stranger" }] }, reason: "unknown id" },
  { name: "an id that is a number", answer: { batchItemFailures: [{ itemIdentifier: 1 }] }, reason: "unknown id" },
];
