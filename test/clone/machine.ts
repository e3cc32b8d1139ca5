// A machine that has Node and npm and nothing else: a copy of the working tree, and a PATH of four commands.
import { execFileSync, spawn } from "node:child_process";
import { accessSync, constants, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname, "../..");
const commands = ["node", "npm", "npx", "sh"];
// What `npm run` tells its children about this repository must not reach the clone; what the user has told npm must.
const ours =
  /^(npm_(?!config_)|npm_config_(local_prefix|call)$|NODE$|NODE_OPTIONS$|INIT_CWD$|VITEST|ENGINES$|JAVA_HOME$|PATH$|TEST$|CI$|FORCE_COLOR$)/;
const inClone = "LAMBDA_ONCE_CLONE";

export interface Ran {
  readonly status: number | null;
  readonly output: string;
}

export interface Machine {
  run(command: string): Promise<Ran>;
  has(command: string): Promise<boolean>;
  remove(): void;
}

export function freshMachine(): Machine {
  if (process.env[inClone] !== undefined) throw new Error("a clone's tests must not clone again");
  const home = mkdtempSync(join(tmpdir(), "lambda-once-clone-"));
  const [bin, clone] = [join(home, "bin"), join(home, "clone")];
  mkdirSync(bin);
  for (const command of commands) symlinkSync(commandOfThisMachine(command), join(bin, command));
  for (const file of trackedFiles()) cpSync(join(root, file), join(clone, file));
  const env = {
    ...usersEnvironment(),
    PATH: bin,
    NO_COLOR: "1",
    [inClone]: "1",
  };
  const run = (command: string): Promise<Ran> => runIn(clone, command, env);
  return {
    run,
    has: async (command) => (await run(`command -v ${command}`)).status === 0,
    remove: () => rmSync(home, { recursive: true }),
  };
}

/** What a command finds in its environment that nobody has started from this repository; without a PATH. */
export function usersEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

function trackedFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root, encoding: "utf8" });
  return listed.split("\0").filter((file) => file !== "" && existsSync(join(root, file)));
}

// npm puts the Node of this repository first on its scripts' PATH: a new user does not have that one yet.
function commandOfThisMachine(command: string): string {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = join(folder, command);
    if (!folder.includes("node_modules") && !folder.includes("node-gyp-bin") && isExecutable(file)) return file;
  }
  throw new Error(`there is no ${command} on this machine`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function runIn(cwd: string, command: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(env["PATH"] ?? "", "sh"), ["-c", command], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output }));
  });
}
