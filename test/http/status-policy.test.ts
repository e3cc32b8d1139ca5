import { afterEach, describe, expect, it } from "vitest";
import { statusPolicy } from "../../src/http/status-policy.ts";
import type { ErrorPolicy } from "../../src/index.ts";

const statuses = Array.from({ length: 500 }, (_, i) => i + 100);
const passing = [401, 403, 407, 408, 409, 423, 424, 425, 429];
const policies = ["release", "keep", "hold"] as const;

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
process.on("unhandledRejection", note);
afterEach(() => void unhandled.splice(0));

describe.for(policies)("where a 5xx says %s", (onServerError) => {
  it.for<{ name: string; ask: ((status: number) => unknown) | undefined }>([
    { name: "by default", ask: undefined },
    {
      name: "where the function throws",
      ask: () => {
        throw new Error("no");
      },
    },
    ...[undefined, null, "yes", 1, 0, {}, "keep"].map((answer) => ({
      name: `where the function says ${JSON.stringify(answer)}`,
      ask: () => answer,
    })),
    { name: "where the function promises", ask: async () => true },
    { name: "where it promises, and throws", ask: () => Promise.reject(new Error("no")) },
  ])("each status goes by the table: $name", async ({ ask }) => {
    const policyOf = statusPolicy(ask, onServerError);
    const expected = statuses.map((status): ErrorPolicy => {
      if (status >= 500) return onServerError;
      return status < 200 || passing.includes(status) ? "release" : "keep";
    });
    expect(statuses.map(policyOf)).toEqual(expected);
    await new Promise(setImmediate);
    expect(unhandled).toEqual([]);
  });

  it("an error without a status does, too, and the function is not asked", () => {
    const asked: number[] = [];
    const policyOf = statusPolicy((status) => asked.push(status) > 0, onServerError);
    expect([policyOf(undefined), asked]).toEqual([onServerError, []]);
  });

  it("the function decides what is kept; what it does not keep goes by its class", () => {
    const all = statusPolicy(() => true, onServerError);
    expect(new Set(statuses.map(all))).toEqual(new Set(["keep"]));
    const none = statusPolicy(() => false, onServerError);
    expect(statuses.map(none)).toEqual(statuses.map((status) => (status >= 500 ? onServerError : "release")));
    const some = statusPolicy((status) => status === 409 || status === 503, onServerError);
    expect([409, 503, 201, 404, 500].map(some)).toEqual(["keep", "keep", "release", "release", onServerError]);
  });

  it("the function is asked once for each status that there is", () => {
    const asked: number[] = [];
    const policyOf = statusPolicy((status) => asked.push(status) > 0, onServerError);
    for (const status of [201, 409, 500]) policyOf(status);
    expect(asked).toEqual([201, 409, 500]);
  });
});
