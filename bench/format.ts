/** A size in words, from KB. */
export function sizeOf(kb: number): string {
  if (kb === 0) return "–";
  return kb < 1024 ? `${kb} KB` : `${kb / 1024} MB`;
}
