// What the engines need of npm and `npm ci` must not install: each package in a folder of its own.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { enginesFolder } from "./engine.ts";

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** `node_modules` is in there. */
  readonly folder: string;
  /** Written when it is installed: name and version. */
  readonly stamp: string;
}

/** The Node of the older runtime; Node 24 is a devDependency. */
export const node22: NpmPackage = npmPackage("node", "22.23.3", "node22");
/** The runtime interface client that AWS's own Node runtimes are built on; it compiles. */
export const runtimeClient: NpmPackage = npmPackage("aws-lambda-ric", "4.0.2", "ric");

function npmPackage(name: string, version: string, folderName: string): NpmPackage {
  const folder = join(enginesFolder, folderName);
  return { name, version, folder, stamp: join(folder, "installed.txt") };
}

export function stampOf({ name, version }: NpmPackage): string {
  return `${name}@${version}\n`;
}

export function isInstalled(wanted: NpmPackage): boolean {
  return existsSync(wanted.stamp) && readFileSync(wanted.stamp, "utf8") === stampOf(wanted);
}
