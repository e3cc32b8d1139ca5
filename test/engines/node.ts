// The Nodes that functions run on: 24 comes with the devDependencies, 22 from `npm run engines`.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Found, root } from "./engine.ts";
import { isInstalled, node22 } from "./npm-packages.ts";

export type NodeMajor = 24 | 22;

/** A value of PATH, on which `node` is this one. */
export function findNode(major: NodeMajor): Found<{ readonly path: string }> {
  const folder = join(major === 22 ? node22.folder : root, "node_modules/.bin");
  if (!existsSync(join(folder, "node")) || (major === 22 && !isInstalled(node22))) {
    return { missing: `Node ${major} is not installed; ${major === 22 ? "npm run engines" : "npm ci"} installs it` };
  }
  return { path: [folder, process.env["PATH"]].join(delimiter) };
}
