import { describe, expect, it } from "vitest";
import { malformedAnswers, type Named, nothingFailed } from "./answers.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

const ids = ["a", "b", "c"];

describe("an answer without failures deletes the whole batch", () => {
  it.for(nothingFailed)("$name", ({ answer }) => {
    expect(verdictOf(ids, answer)).toEqual({ failed: [] });
  });
});

describe("an answer that names failures keeps these, each once", () => {
  it.for<Named & { failed: string[] }>([
    { name: "one", answer: failures("b"), failed: ["b"] },
    { name: "all", answer: failures("c", "a", "b"), failed: ["c", "a", "b"] },
    { name: "one twice", answer: failures("b", "b"), failed: ["b"] },
    { name: "one with more than its id", answer: { batchItemFailures: [{ itemIdentifier: "b", why: 1 }], more: 1 }, failed: ["b"] },
  ])("$name", ({ answer, failed }) => {
    expect(verdictOf(ids, answer)).toEqual({ failed });
  });
});

describe("a malformed answer fails the whole batch", () => {
  it.for(malformedAnswers)("$name", ({ answer, reason }) => {
    expect(verdictOf(ids, answer)).toEqual<Verdict>({ wholeBatch: reason });
  });

  it.for(malformedAnswers.filter(({ reason }) => reason !== "invalid JSON"))("$name, beside a right one", ({ answer, reason }) => {
    const { batchItemFailures } = answer as { batchItemFailures: unknown[] };
    expect(verdictOf(ids, { batchItemFailures: [{ itemIdentifier: "a" }, ...batchItemFailures] })).toEqual({ wholeBatch: reason });
  });

  it("also where the id is in no batch because the batch is another", () => {
    expect(verdictOf(["d"], failures("a"))).toEqual({ wholeBatch: "unknown id" });
  });
});

function failures(...failed: string[]) {
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
