import { expect, it, vi } from "vitest";
import type { ClaimRef } from "../../src/core/store.ts";
import { resultKeeper } from "../../src/dynamodb/keeper.ts";
import { noise } from "../../src/testing/random.ts";

const compressed = vi.hoisted(() => Promise.withResolvers<Uint8Array>());
vi.mock("../../src/dynamodb/compression.ts", () => ({ compress: () => compressed.promise }));

it("a result is given up while it is compressed, and nothing of it is written once that has ended", async () => {
  const controller = new AbortController();
  const puts: unknown[] = [];
  const keeper = resultKeeper(
    { putItem: async (item) => void puts.push(item), readItems: () => Promise.reject(new Error("not asked")) },
    { compressAboveBytes: 0, inlineLimitBytes: 0 },
  );
  const claim = { id: { operation: "charge", keyHash: "hash" }, owner: "me", expiresAt: 100 } as ClaimRef;
  const keeping = keeper.keep(claim, {
    status: "completed",
    encoding: "json",
    text: noise(1000),
    completedAt: 1,
    expiresAt: 100,
    write: "update",
    resultSignal: () => controller.signal,
  });
  controller.abort();
  await expect(keeping).rejects.toMatchObject({ part: "result", message: "the result could not be written in time" });
  compressed.resolve(new Uint8Array(500));
  await new Promise((resolve) => setImmediate(resolve));
  expect(puts).toEqual([]);
});
