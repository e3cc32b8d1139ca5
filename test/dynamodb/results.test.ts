import { brotliDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { layOut, maxResultBytes, textIn } from "../../src/dynamodb/results.ts";
import { noise } from "../../src/testing/random.ts";

const limits = { compressAboveBytes: 512, inlineLimitBytes: 8192 };
const most = 392 * 1024; // of a result, in an item
const emoji = "\u{1F600}"; // 4 bytes

/** Whatever is longer than its record takes is in chunks, as it is. */
const plain = { ...limits, compressAboveBytes: Number.MAX_SAFE_INTEGER };

describe("a result is laid out by its size", () => {
  it.for([
    { name: "empty", text: "", encoding: "json", bytes: 0, result: "" },
    { name: "short", text: '"done"', encoding: "json", bytes: 6, result: '"done"' },
    { name: "as long as is not compressed", text: "a".repeat(512), encoding: "json", bytes: 512, result: "a".repeat(512) },
    {
      name: "as long as is not compressed, in four bytes each",
      text: emoji.repeat(128),
      encoding: "json",
      bytes: 512,
      result: emoji.repeat(128),
    },
  ])("$name: in its record, as text", async ({ text, encoding, bytes, result }) => {
    expect(await layOut("json", text, limits)).toEqual({ members: { encoding, result }, chunks: [], kept: { encoding, bytes } });
  });

  it.for([
    { name: "one byte longer than is not compressed", text: "a".repeat(513) },
    { name: "one byte longer, in four bytes each", text: `${emoji.repeat(128)}a` },
    { name: "long, off the event loop", text: "ab".repeat(100_000) },
  ])("$name: in its record, compressed", async ({ text }) => {
    const { members, chunks, kept } = await layOut("json", text, limits);
    expect(members.encoding).toBe("json+br");
    expect(chunks).toEqual([]);
    expect(brotliDecompressSync(members.result as Uint8Array).toString()).toBe(text);
    expect(kept).toEqual({ encoding: "json+br", bytes: (members.result as Uint8Array).length });
  });

  it.for([
    { name: "a byte more than a record takes", bytes: 8193, chunks: [8193] },
    { name: "as much as an item takes", bytes: most, chunks: [most] },
    { name: "a byte more than an item takes", bytes: most + 1, chunks: [most, 1] },
    { name: "as much as is kept", bytes: maxResultBytes, chunks: [...Array<number>(15).fill(most), maxResultBytes - 15 * most] },
  ])("$name: in chunks", async ({ bytes, chunks }) => {
    const text = noise(bytes);
    const layout = await layOut("json", text, plain);
    expect(layout.members).toEqual({ encoding: "json", chunks: chunks.length });
    expect(layout.chunks.map(({ length }) => length)).toEqual(chunks);
    expect(layout.kept).toEqual({ encoding: "json", bytes });
    expect(await textIn("json", Buffer.concat(layout.chunks))).toBe(text);
  });

  it("no shorter when compressed: as it is", async () => {
    const members = { encoding: "json", result: '"é1"' };
    expect((await layOut("json", '"é1"', { ...limits, compressAboveBytes: 0 })).members).toEqual(members);
  });

  it("a byte more than is kept: lost, with both sizes", async () => {
    const { members, chunks, kept } = await layOut("json", noise(maxResultBytes + 1), plain);
    expect(members).toEqual({ encoding: "lost" });
    expect(chunks).toEqual([]);
    const reason = "the result has 6291557 bytes as it would be stored, the limit is 6291556";
    expect(kept).toEqual({ encoding: "lost", bytes: 0, reason });
  });

  it("the limit is on what is stored: a longer text that shrinks is kept", async () => {
    const text = "a".repeat(maxResultBytes + 1);
    expect((await layOut("json", text, limits)).members.encoding).toBe("json+br");
  });
});

describe("a result is read back", () => {
  it.for([
    { name: "a byte order mark", text: "\uFEFFmark" },
    { name: "characters that chunks cut through", text: emoji.repeat(300_000) },
    { name: "nothing", text: "" },
  ])("byte for byte: $name", async ({ text }) => {
    for (const compressAboveBytes of [0, Number.MAX_SAFE_INTEGER]) {
      const { members, chunks } = await layOut("json", text, { compressAboveBytes, inlineLimitBytes: 0 });
      expect(await textIn(members.encoding ?? "", members.result ?? Buffer.concat(chunks))).toBe(text);
    }
  });

  it.for([
    { name: "a compression that this build does not know", encoding: "json+zstd", stored: Buffer.from("text") },
    { name: "text that says it is compressed", encoding: "json+br", stored: "text" },
    { name: "bytes that are not compressed", encoding: "json+br", stored: Buffer.from("text") },
    { name: "bytes that are no text", encoding: "json", stored: Buffer.from([0xff]) },
  ])("undefined: $name", async ({ encoding, stored }) => {
    expect(await textIn(encoding, stored)).toBeUndefined();
  });
});
