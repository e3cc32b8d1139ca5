// What a result is a result of: the sources as git knows them, and what else decides how they run.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.ts";

export const parts = ["simulation", "model", "bugs", "mutants"] as const;
export type Part = (typeof parts)[number];

/** The folders that are proved, and what each is. */
export const proved: Readonly<Record<string, string>> = {
  "src/core": "the protocol",
  "src/dynamodb": "its requests to DynamoDB",
  "src/memory": "its conditions in memory",
};

const judges = ["stryker.config.json", "vitest.mutants.config.ts", "first-failure.ts", "no-engine.ts", "mutants-judged.ts", "survivors.ts"];
const judging = ["test/core", "test/lambda", "test/rules", "test/support", ...judges.map((name) => `test/proof/${name}`)];

/** A change of these makes a part's results those of another source. The texts of bugs count one by one. */
const pathsOf: Readonly<Record<Part, readonly string[]>> = {
  simulation: [...Object.keys(proved), "test/race"],
  model: [...Object.keys(proved), "test/model"],
  bugs: [...Object.keys(proved), "test/race", "test/model"],
  mutants: ["src/core", "src/memory", "src/lambda", ...judging],
};

const toolOf: Readonly<Partial<Record<Part, string>>> = { simulation: "fast-check", bugs: "fast-check", mutants: "@stryker-mutator/core" };

/** What there is to know of the sources. */
export interface Sources {
  commit(): string;
  /** Names the sources of a part as they are committed, the version of its tool, and Node's. */
  of(part: Part): string;
  /** The files of these parts that differ from the commit, as `git status` shows them. */
  changed(asked: readonly Part[]): readonly string[];
}

export const committed: Sources = {
  commit: () => git("rev-parse", "HEAD"),
  of(part) {
    const trees = pathsOf[part].map((path) => `${path} ${git("rev-parse", `HEAD:${path}`)}`);
    const tool = toolOf[part];
    return [...trees, ...(tool === undefined ? [] : [`${tool} ${versionOf(tool)}`]), `node ${process.versions.node}`].join(", ");
  },
  changed(asked) {
    const paths = new Set(asked.flatMap((part) => pathsOf[part]));
    return git("status", "--porcelain", "--", ...paths)
      .split("\n")
      .filter((line) => line !== "");
  },
};

export function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trimEnd();
}

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")) as { readonly version: string }).version;
}
