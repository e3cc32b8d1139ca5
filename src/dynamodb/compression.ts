import { brotliCompress, brotliCompressSync, brotliDecompress, brotliDecompressSync, constants } from "node:zlib";

/** Quality 5: a lower one saves less in CPU time than it costs in write units, a higher one takes long and saves little. */
const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
/** From here on the work leaves the event loop, which others need. Bytes. */
const offLoopBytes = 64 * 1024;

/** Bytes, compressed with brotli (RFC 7932). */
export async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  return bytes.length > offLoopBytes ? called((done) => brotliCompress(bytes, options, done)) : brotliCompressSync(bytes, options);
}

/** What was compressed; rejects for what was not. */
export async function decompress(bytes: Uint8Array): Promise<Uint8Array> {
  // What it comes to is not known yet; JSON shrinks to a quarter or a fifth.
  return bytes.length > offLoopBytes / 4 ? called((done) => brotliDecompress(bytes, done)) : brotliDecompressSync(bytes);
}

function called<T>(start: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => start((error, value) => (error === null ? resolve(value) : reject(error))));
}
