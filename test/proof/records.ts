// Results as they come, so that a run that is stopped is gone on with: by their source, so that no two are mixed.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { hashOf, type Part } from "./tree.ts";

type Kept = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Records {
  /** What there is of a part from this source, by name. */
  of(part: Part): Readonly<Record<string, unknown>>;
  put(part: Part, name: string, result: unknown): void;
}

/** @throws Error where the file is not one of records. */
export function openRecords(file: string, sourceOf: (part: Part) => string): Records {
  const read = (): Kept => (existsSync(file) ? parsed(file) : {});
  const nameOf = (part: Part): string => `${part} of ${hashOf(sourceOf(part))}`;
  return {
    of: (part) => read()[nameOf(part)] ?? {},
    put(part, name, result) {
      const kept = read();
      const group = nameOf(part);
      mkdirSync(dirname(file), { recursive: true });
      // Put in its place whole: whoever stops the run in between leaves the old one.
      writeFileSync(`${file}.new`, JSON.stringify({ ...kept, [group]: { ...kept[group], [name]: result } }));
      renameSync(`${file}.new`, file);
    },
  };
}

function parsed(file: string): Kept {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Kept;
  } catch (cause) {
    throw new Error(`${file} is no file of results (${(cause as Error).message}); delete it, and all is proved anew`, { cause });
  }
}
