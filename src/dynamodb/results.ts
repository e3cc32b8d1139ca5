import { lostEncoding } from "../core/codec.ts";
import type { StoredRecord } from "../core/record.ts";
import type { KeptResult } from "../core/store.ts";
import { compress, decompress } from "./compression.ts";

/** Where a result goes, by its size. Bytes. */
export interface ResultLimits {
  /** Larger texts are compressed. */
  readonly compressAboveBytes: number;
  /** What is larger, compressed or not, goes to child items. */
  readonly inlineLimitBytes: number;
}

/**
 * The most of a result that one item takes: 400 KB less what stands beside it, with room to spare. Bytes.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html (an item has at most 400 KB)
 */
export const maxItemBytes: number = 392 * 1024;
/**
 * The largest result that is kept, as it is stored: Lambda's own limit for a response. Bytes.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const maxResultBytes = 6_291_556;

const compressed = "+br";

/** How a result is kept: what it makes of its record, and what stands beside it. */
export interface Layout {
  readonly members: Pick<StoredRecord, "encoding" | "result" | "chunks">;
  readonly chunks: readonly Uint8Array[];
  readonly kept: KeptResult;
}

/** Lays a result out: as text, compressed, in chunks, or lost where it fits nowhere. */
export async function layOut(encoding: string, text: string, limits: ResultLimits): Promise<Layout> {
  const plain = Buffer.from(text);
  const packed = plain.length > limits.compressAboveBytes ? await compress(plain) : plain;
  const isSmaller = packed.length < plain.length;
  const stored = isSmaller ? packed : plain;
  const kept = { encoding: isSmaller ? `${encoding}${compressed}` : encoding, bytes: stored.length };
  if (kept.bytes > maxResultBytes) return lost(`the result has ${kept.bytes} bytes as it would be stored, the limit is ${maxResultBytes}`);
  if (kept.bytes <= limits.inlineLimitBytes) {
    // As it is, an item holds it as a string, which a person can read.
    return { members: { encoding: kept.encoding, result: isSmaller ? packed : text }, chunks: [], kept };
  }
  const chunks = chunksOf(stored);
  return { members: { encoding: kept.encoding, chunks: chunks.length }, chunks, kept };
}

/** The text of a result, in one piece or put together again; undefined for what this build cannot decode. */
export async function textIn(encoding: string, stored: string | Uint8Array): Promise<string | undefined> {
  const isCompressed = encoding.endsWith(compressed);
  if (encoding.includes("+") && (!isCompressed || typeof stored === "string")) return undefined;
  if (typeof stored === "string") return stored;
  try {
    const bytes = isCompressed ? await decompress(stored) : stored;
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // cut short, or not what its encoding says
  }
}

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / maxItemBytes);
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * maxItemBytes, (n + 1) * maxItemBytes));
}

function lost(reason: string): Layout {
  return { members: { encoding: lostEncoding }, chunks: [], kept: { encoding: lostEncoding, bytes: 0, reason } };
}
