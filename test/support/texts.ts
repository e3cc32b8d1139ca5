import { createHash } from "node:crypto";

/** Noise of so many bytes, always the same, 6 bits to the byte: JSON takes it as it is, and compresses it little. */
export function noise(bytes: number): string {
  const seed = createHash("shake256", { outputLength: bytes }).update("lambda-once").digest();
  return seed.toString("base64url").slice(0, bytes);
}
