import * as zlib from "node:zlib";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { compress, decompress } from "../../src/dynamodb/compression.ts";
import { noise } from "../../src/testing/random.ts";

vi.mock("node:zlib", { spy: true });
beforeEach(() => vi.clearAllMocks());

describe("compression", () => {
  it.for([1, 64 * 1024, 64 * 1024 + 1])("of %d bytes is brotli of quality 5", async (size) => {
    const bytes = Buffer.from(noise(size));
    const expected = zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } });
    expect(Buffer.compare(await compress(bytes), expected)).toBe(0);
    expect(Buffer.compare(await decompress(expected), bytes)).toBe(0);
  });

  // What takes long leaves the event loop, which others use meanwhile.
  it.for([
    { size: 64 * 1024, here: 1, aside: 0 },
    { size: 64 * 1024 + 1, here: 0, aside: 1 },
  ])("of $size bytes: on the event loop $here, aside $aside", async ({ size, here, aside }) => {
    await compress(Buffer.from(noise(size)));
    expect(zlib.brotliCompressSync).toHaveBeenCalledTimes(here);
    expect(zlib.brotliCompress).toHaveBeenCalledTimes(aside);
  });

  it.for([
    { size: 20 * 1024, here: 1, aside: 0 },
    { size: 24 * 1024, here: 0, aside: 1 },
  ])("of $size bytes is undone, from three quarters: on the event loop $here, aside $aside", async ({ size, here, aside }) => {
    await decompress(await compress(Buffer.from(noise(size))));
    expect(zlib.brotliDecompressSync).toHaveBeenCalledTimes(here);
    expect(zlib.brotliDecompress).toHaveBeenCalledTimes(aside);
  });

  it("of what is none is an error", async () => {
    await expect(decompress(Buffer.from("text"))).rejects.toThrow();
  });
});
