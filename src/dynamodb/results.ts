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
  const stored = await packed(encoding, text, limits.compressAboveBytes);
  const { length: bytes } = stored.bytes;
  if (bytes > maxResultBytes) return lost(`the result has ${bytes} bytes as it would be stored, the limit is ${maxResultBytes}`);
  const kept = { encoding: stored.encoding, bytes };
  if (bytes <= limits.inlineLimitBytes)
    return { members: { encoding: stored.encoding, result: stored.text ?? stored.bytes }, chunks: [], kept };
  const chunks = chunksOf(stored.bytes);
  return { members: { encoding: stored.encoding, chunks: chunks.length }, chunks, kept };
}

/** The text of a result, in one piece or put together again; undefined for what this build cannot decode. */
export async function textIn(encoding: string, stored: string | Uint8Array): Promise<string | undefined> {
  if (typeof stored === "string") return encoding.includes("+") ? undefined : stored;
  if (encoding.includes("+") && !encoding.endsWith(compressed)) return undefined;
  try {
    const bytes = encoding.endsWith(compressed) ? await decompress(stored) : stored;
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // cut short, or not what its encoding says
  }
}

interface Stored {
  readonly encoding: string;
  readonly bytes: Uint8Array;
  /** Where it is not compressed: an item holds it as a string, which a person can read. */
  readonly text?: string;
}

async function packed(encoding: string, text: string, compressAboveBytes: number): Promise<Stored> {
  const plain = Buffer.from(text);
  if (plain.length > compressAboveBytes) {
    const bytes = await compress(plain);
    if (bytes.length < plain.length) return { encoding: `${encoding}${compressed}`, bytes };
  }
  return { encoding, bytes: plain, text };
}

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / maxItemBytes);
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * maxItemBytes, (n + 1) * maxItemBytes));
}

function lost(reason: string): Layout {
  return { members: { encoding: lostEncoding }, chunks: [], kept: { encoding: lostEncoding, bytes: 0, reason } };
}
