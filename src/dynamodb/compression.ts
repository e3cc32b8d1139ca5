import { brotliCompress, brotliCompressSync, brotliDecompress, brotliDecompressSync, constants } from "node:zlib";

/** Quality 5: from 4 on a little more CPU time buys fewer write units than it costs, above it does not. */
const quality = 5;
/** The window for short texts: a larger one takes time to set up and finds nothing more in them. Log2 of bytes. */
const shortWindow = 16;
/** From here on the work leaves the event loop, which others need. Bytes. */
const offLoopBytes = 64 * 1024;

/** A text, compressed with brotli (RFC 7932). */
export function compress(text: string): Promise<Uint8Array> {
  const bytes = Buffer.from(text);
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    ...(bytes.length > offLoopBytes ? {} : { [constants.BROTLI_PARAM_LGWIN]: shortWindow }),
  };
  return bytes.length > offLoopBytes
    ? called((done) => brotliCompress(bytes, { params }, done))
    : Promise.resolve(brotliCompressSync(bytes, { params }));
}

/** What was compressed; rejects for what was not. */
export async function decompress(bytes: Uint8Array): Promise<Uint8Array> {
  // What it comes to is not known yet; JSON shrinks to a fifth or a quarter.
  return bytes.length > offLoopBytes / 4 ? called((done) => brotliDecompress(bytes, done)) : brotliDecompressSync(bytes);
}

function called<T>(start: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => start((error, value) => (error === null ? resolve(value) : reject(error))));
}
