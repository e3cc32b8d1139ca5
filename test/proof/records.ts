// Results as they come, so that a run that is stopped is gone on with: by their source, so that no two are mixed, and each in a
// file of its own, so that two ranges of seeds can run at once.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, type Part } from "./tree.ts";

export interface Records {
  /** What there is of a part from this source, by name. */
  of(part: Part): Readonly<Record<string, unknown>>;
  put(part: Part, name: string, result: unknown): void;
}

const ending = ".json";

export function openRecords(folder: string, sourceOf: (part: Part) => string): Records {
  const folderOf = (part: Part): string => join(folder, `${part}-${hashOf(sourceOf(part))}`);
  return {
    /** @throws Error where a file is not one of a result. */
    of(part) {
      const from = folderOf(part);
      const files = existsSync(from) ? readdirSync(from).filter((file) => file.endsWith(ending)) : [];
      return Object.fromEntries(files.map((file) => [decodeURIComponent(file.slice(0, -ending.length)), parsed(join(from, file))]));
    },
    put(part, name, result) {
      const into = folderOf(part);
      mkdirSync(into, { recursive: true });
      const file = join(into, `${encodeURIComponent(name)}${ending}`);
      // Put in its place whole: whoever stops the run in between leaves nothing, or the old one.
      writeFileSync(`${file}.${process.pid}`, JSON.stringify(result));
      renameSync(`${file}.${process.pid}`, file);
    },
  };
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as unknown;
  } catch (cause) {
    throw new Error(`${file} is no result (${(cause as Error).message}); delete it, and it is proved anew`, { cause });
  }
}
