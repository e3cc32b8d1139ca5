// A copy of the sources with one bug in it, below the repository, whose node_modules serve it too.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bugs } from "./bugs.ts";

const root = join(import.meta.dirname, "../..");
const copied = ["src", "test/race", "test/model", "test/support"];

/** Plants a bug; the folder of the copy. Throws where a patch does not fit the sources any more. */
export function plant(name: string): string {
  const edits = bugs[name];
  if (edits === undefined) throw new Error(`no bug is called "${name}"; known are ${Object.keys(bugs).join(", ")}`);
  const folder = join(root, ".proof/bugs", name);
  rmSync(folder, { recursive: true, force: true });
  for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true });
  mkdirSync(folder, { recursive: true });
  for (const { file, from, to } of edits) {
    const text = readFileSync(join(folder, file), "utf8");
    if (text.split(from).length !== 2)
      throw new Error(`the patch of "${name}" does not fit ${file}: it must have exactly once ${JSON.stringify(from)}`);
    writeFileSync(
      join(folder, file),
      text.replace(from, () => to),
    );
  }
  return folder;
}
