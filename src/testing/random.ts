/** Numbers from 0 up to 1, the same for a seed everywhere: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A text of base64url's characters in no order, the same for a seed: JSON takes it as it is, and compresses it little. */
export function noise(length: number, seed: number = 1): string {
  const random = seeded(seed);
  // 16 characters to 3 numbers of 32 bits.
  const numbers = Uint32Array.from({ length: Math.ceil((length * 3) / 16) }, () => random() * 2 ** 32);
  return Buffer.from(numbers.buffer).toString("base64url").slice(0, length);
}
