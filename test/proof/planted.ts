// A copy of the sources with one bug in it, below the repository, whose node_modules serve it too.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bug } from "./bugs.ts";
import { root } from "./root.ts";

const copied = ["src", "test/race", "test/model", "test/proof/explore.ts"];

/**
 * Makes the copy, hands its folder over, and removes it.
 *
 * @throws Error where a patch does not fit the sources any more.
 */
export async function withPlanted<T>(bug: Bug, use: (folder: string) => Promise<T>): Promise<T> {
  const files = patch(bug);
  const parent = join(root, ".proof/bugs");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, `${bug.name}-`));
  try {
    for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true });
    for (const [file, text] of files) writeFileSync(join(folder, file), text);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The files that a bug changes, as they are with it. */
export function patch({ name, edits }: Bug): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { file, from, to } of edits) {
    const text = files.get(file) ?? readFileSync(join(root, file), "utf8");
    if (text.split(from).length !== 2)
      throw new Error(`the patch of "${name}" does not fit ${file}, which must have exactly once: ${JSON.stringify(from)}`);
    files.set(
      file,
      text.replace(from, () => to),
    );
  }
  return files;
}
