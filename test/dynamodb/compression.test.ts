import { setImmediate } from "node:timers/promises";
import { brotliCompressSync, constants } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compress, decompress } from "../../src/dynamodb/compression.ts";
import { noise } from "../support/texts.ts";

/** Did it take no longer than a turn of the event loop? */
async function atOnce(work: Promise<unknown>): Promise<boolean> {
  let done = false;
  const ended = work.then(() => (done = true));
  await setImmediate();
  const was = done;
  await ended;
  return was;
}

describe("compression", () => {
  it.for([1, 64 * 1024, 64 * 1024 + 1])("of %d bytes is brotli of quality 5", async (size) => {
    const bytes = Buffer.from(noise(size));
    const expected = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
    expect(Buffer.compare(await compress(bytes), expected)).toBe(0);
    expect(Buffer.compare(await decompress(expected), bytes)).toBe(0);
  });

  // Large ones take many turns of the event loop, which others use meanwhile.
  it.for([
    { size: 64 * 1024, here: true },
    { size: 5 * 1024 * 1024, here: false },
  ])("of $size bytes blocks the event loop: $here", async ({ size, here }) => {
    expect(await atOnce(compress(Buffer.from(noise(size))))).toBe(here);
  });

  it.for([
    { size: 16 * 1024, here: true },
    { size: 5 * 1024 * 1024, here: false },
  ])("of $size bytes is undone at once: $here", async ({ size, here }) => {
    const compressed = await compress(Buffer.from(noise(size)));
    expect(await atOnce(decompress(compressed))).toBe(here);
  });

  it("of what is none is an error", async () => {
    await expect(decompress(Buffer.from("text"))).rejects.toThrow();
  });
});
