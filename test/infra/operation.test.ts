// The construct may not import the runtime's rule for operations: here the two are held equal.
import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../src/core/resolve.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { emfMetrics } from "../../src/metrics/index.ts";
import { messageOf, newConsumer, newStack } from "./support.ts";

const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(0x20 + at));
const others = ["", "\0", "\n", "\t", "\u007f", "\u00e9", "\u0130", "\u212a", "\u0661", "\u{1f600}", "\u200b"];
const lengths = [1, 2, 63, 64, 65, 128].map((length) => "o".repeat(length));
const names = [...printable, ...others, ...lengths, "orders\n", " orders", "charge.v2:eu/west-1_a"];

const refusedByRuntime = (operation: string) =>
  messageOf(() => resolveOptions({ store: memoryStore(), operation, key: String }, {})) !== "nothing was thrown";
const refusedByConstruct = (operation: string) =>
  messageOf(() => newConsumer(newStack(), { operation, alarms: false })) !== "nothing was thrown";

describe("an operation that the runtime takes is one that the construct takes, and no other", () => {
  it("of each name", () => {
    const verdicts = names.map((operation) => ({ operation, refused: refusedByRuntime(operation) }));
    expect(names.map((operation) => ({ operation, refused: refusedByConstruct(operation) }))).toEqual(verdicts);
  });

  it("some are taken, and some are not", () => {
    expect(names.filter((operation) => !refusedByRuntime(operation))).toHaveLength(26 + 26 + 10 + 5 + 5);
  });
});

describe("a namespace that emfMetrics takes is one that the construct takes, and no other", () => {
  const namespaces = [...names, "AWS/Orders", "AWS", "aws/orders", "Shop/Orders #1", "n".repeat(255), "n".repeat(256), " "];
  const refusedByMetrics = (namespace: string) => messageOf(() => emfMetrics({ namespace })) !== "nothing was thrown";
  const refusedHere = (metricsNamespace: string) =>
    messageOf(() => newConsumer(newStack(), { operation: "orders", metricsNamespace, alarms: false })) !== "nothing was thrown";

  it("of each name", () => {
    const verdicts = namespaces.map((namespace) => ({ namespace, refused: refusedByMetrics(namespace) }));
    expect(namespaces.map((namespace) => ({ namespace, refused: refusedHere(namespace) }))).toEqual(verdicts);
    expect(new Set(verdicts.map(({ refused }) => refused)).size).toBe(2);
  });
});
