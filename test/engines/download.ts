import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const tries = 3;
const limitMs = 120_000;

/** Downloads a file, which gets its name only when it is whole and has this SHA-256 (hex); throws otherwise. */
export async function downloadVerified(url: string, sha256: string, file: string): Promise<void> {
  const content = await download(url);
  const found = createHash("sha256").update(content).digest("hex");
  if (found !== sha256) throw new Error(`${url} has the SHA-256 ${found} where ${sha256} is expected; nothing of it was kept.`);
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${randomUUID()}`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, file);
}

async function download(url: string): Promise<Buffer> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(limitMs) });
      if (!answer.ok) throw new Error(`it answers ${answer.status} ${answer.statusText}`);
      return Buffer.from(await answer.arrayBuffer());
    } catch (error) {
      if (attempt < tries) continue;
      const { message, cause } = error as Error;
      const why = cause instanceof Error ? cause.message : message;
      throw new Error(`${url} could not be downloaded: ${why}.`, { cause: error });
    }
  }
}
