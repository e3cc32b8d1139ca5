// RFC 1321: SQS tells it of each body, and `node:crypto` is not for this folder.
const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const sines = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);

/** MD5 of a text's UTF-8, as hexadecimal digits. No protection against anything. */
export function md5(text: string): string {
  const view = padded(new TextEncoder().encode(text));
  let state: State = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let block = 0; block < view.byteLength; block += 64) {
    const mixed = mix(state, (word) => view.getInt32(block + word * 4, true));
    state = state.map((value, i) => (value + (mixed[i] ?? 0)) | 0) as State;
  }
  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((value, i) => digest.setInt32(i * 4, value, true));
  return Buffer.from(digest.buffer).toString("hex");
}

type State = [a: number, b: number, c: number, d: number];

/** A 1 bit, zeros, and the length in bits: whole blocks of 64 bytes. */
function padded(bytes: Uint8Array): DataView {
  const blocks = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  blocks.set(bytes);
  blocks[bytes.length] = 0x80;
  const view = new DataView(blocks.buffer);
  view.setBigUint64(blocks.length - 8, BigInt(bytes.length) * 8n, true);
  return view;
}

function mix(state: State, word: (index: number) => number): State {
  let [a, b, c, d] = state;
  for (let i = 0; i < 64; i++) {
    const [f, index] = round(i, b, c, d);
    const sum = (a + f + (sines[i] ?? 0) + word(index)) | 0;
    const shift = shifts[(i >> 4) * 4 + (i % 4)] ?? 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
  }
  return [a, b, c, d];
}

function round(i: number, b: number, c: number, d: number): readonly [f: number, index: number] {
  if (i < 16) return [(b & c) | (~b & d), i];
  if (i < 32) return [(d & b) | (~d & c), (5 * i + 1) % 16];
  if (i < 48) return [b ^ c ^ d, (3 * i + 5) % 16];
  return [c ^ (b | ~d), (7 * i) % 16];
}
