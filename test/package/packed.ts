// The package as it is published: built, packed and laid out below the repository, whose node_modules give it its peers.
// `node test/package/packed.ts` leaves the tarball of what is here now at .packed/lambda-once.tgz.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const parent = join(root, ".packed");
const sources = ["package.json", "package-lock.json", "tsconfig.json", "*.md", "LICENSE", "src/**/*.ts", "infra/**/*.ts"];
const staleAfterMs = 3_600_000;
const abandonedAfterMs = 120_000;

/** The folder of the packed package. It is packed once for what the sources are now, also when several workers ask at once. */
export async function packedPackage(): Promise<string> {
  return join(await consumer(), "node_modules/lambda-once");
}

/** A folder from which `lambda-once` resolves as for somebody who has installed it. */
export async function consumer(): Promise<string> {
  const folder = join(parent, fingerprint());
  if (existsSync(folder)) return folder;
  await locked(async () => {
    if (!existsSync(folder)) await pack(folder);
  });
  return folder;
}

/** What `import(specifier)` gives to somebody who has installed the package: `importPacked("lambda-once/dynamodb")`. */
export async function importPacked<T>(specifier: string): Promise<T> {
  const { resolve } = createRequire(join(await consumer(), "consumer.js"));
  return (await import(pathToFileURL(resolve(specifier)).href)) as T;
}

async function pack(folder: string): Promise<void> {
  for (const old of globSync(join(parent, "*"))) if (Date.now() - statSync(old).mtimeMs > staleAfterMs) rmSync(old, { recursive: true });
  const draft = mkdtempSync(join(parent, "draft-"));
  await run("npm", ["run", "build"], { cwd: root });
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", draft], { cwd: root });
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  for (const { path } of packed.files) cpSync(join(root, path), join(draft, "node_modules/lambda-once", path));
  writeFileSync(join(draft, "package.json"), JSON.stringify({ private: true, type: "module" }));
  renameSync(join(draft, packed.filename), join(draft, "lambda-once.tgz"));
  renameSync(draft, folder);
}

function fingerprint(): string {
  const hash = createHash("sha256");
  for (const file of globSync(sources, { cwd: root }).toSorted())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex").slice(0, 16);
}

// Only one can make the folder; the pid in it tells the others whether its maker still lives.
async function locked(work: () => Promise<void>): Promise<void> {
  const lock = join(parent, "lock");
  const pid = join(lock, "pid");
  mkdirSync(parent, { recursive: true });
  while (!taken(lock)) {
    if (isAbandoned(pid)) rmSync(lock, { recursive: true, force: true });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  try {
    writeFileSync(pid, String(process.pid));
    await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function taken(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

function isAbandoned(pidFile: string): boolean {
  try {
    process.kill(Number(readFileSync(pidFile, "utf8")), 0);
    return Date.now() - statSync(pidFile).mtimeMs > abandonedAfterMs;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

if (import.meta.main) copyFileSync(join(dirname(dirname(await packedPackage())), "lambda-once.tgz"), join(parent, "lambda-once.tgz"));
