import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { brotliRatio, type Content, hugeKb, resultOf, sizesKb } from "../../bench/orders.ts";

describe.each([...sizesKb, hugeKb])("a result of %d KB", (kb) => {
  it.for(["orders", "random"] as const)("of %s has that many bytes of JSON", (content) => {
    expect(Buffer.byteLength(JSON.stringify(resultOf(content, kb)))).toBe(Math.round(kb * 1024));
  });

  it("of orders compresses no better than 5:1, of random text hardly at all", async () => {
    expect(await brotliRatio(resultOf("orders", kb))).toBeLessThanOrEqual(5);
    expect(await brotliRatio(resultOf("random", kb))).toBeLessThanOrEqual(4 / 3 + 0.01); // base64 holds 6 bits a byte
  });
});

// Both libraries, all runs and all machines get the same bytes.
it.for([
  ["orders", "nvFyTHFde-m-QBzil82nSXc9-vtin6ydA0fWCv7EuKM"],
  ["random", "bHXMsQsLOoYMiYk_4rj_xN8sITvWg0KupXqM6veDqHk"],
] as const satisfies [Content, string][])("%s are the same each time", ([content, hash]) => {
  const json = JSON.stringify(resultOf(content, 20));
  expect(JSON.stringify(resultOf(content, 20))).toBe(json);
  expect(createHash("sha256").update(json).digest("base64url")).toBe(hash);
});
