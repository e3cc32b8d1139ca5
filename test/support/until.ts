import { setTimeout } from "node:timers/promises";

/** Asks until there is an answer other than `undefined`; throws after `limitMs`, by default 15,000. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, limitMs = 15_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await setTimeout(25);
  }
}
