// Deploys CDK apps by the real CDK CLI, as a person would, to a MiniStack that takes the place of AWS.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../engines/engine.ts";
import type { Ministack } from "../engines/ministack.ts";
import { account, cliEnvironment, region } from "../engines/ministack-access.ts";

/** A stack of a CDK app. */
export interface StackOfApp {
  /** The command that synthesizes the app, as `app` of cdk.json; it runs in the repository. */
  readonly app: string;
  readonly stack: string;
  /** What the app reads with `tryGetContext`. */
  readonly context?: Readonly<Record<string, string>>;
}

export interface Deployed {
  /** By their names. */
  readonly outputs: Readonly<Record<string, string>>;
  /** False where the stack was deployed already, and nothing was to be changed. */
  readonly changed: boolean;
}

const limitMs = 180_000;
const bootstrapped = new WeakMap<Ministack, Promise<string>>();

/** Deploys a stack, or what has changed of it; bootstraps the engine's account the first time. Throws with all that the CLI says. */
export async function deploy(engine: Ministack, stack: StackOfApp): Promise<Deployed> {
  await bootstrap(engine);
  const folder = mkdtempSync(join(engine.folder, "deployment-"));
  const outputsFile = join(folder, "outputs.json");
  const options = [...appOptions(stack, folder), "--require-approval", "never", "--outputs-file", outputsFile];
  const said = await cdk(engine, ["deploy", stack.stack, ...options]);
  const outputs = JSON.parse(readFileSync(outputsFile, "utf8")) as Record<string, Record<string, string>>;
  return { outputs: outputs[stack.stack] ?? {}, changed: !said.includes(`${stack.stack} (no changes)`) };
}

/** Removes a stack and what it does not retain. */
export async function destroy(engine: Ministack, stack: StackOfApp): Promise<void> {
  const folder = mkdtempSync(join(engine.folder, "deployment-"));
  await cdk(engine, ["destroy", stack.stack, ...appOptions(stack, folder), "--force"]);
}

function bootstrap(engine: Ministack): Promise<string> {
  const begun =
    bootstrapped.get(engine) ?? cdk(engine, ["bootstrap", `aws://${account}/${region}`, "--app", "", "--output", engine.folder]);
  bootstrapped.set(engine, begun);
  return begun;
}

/** The assembly goes to the engine's folder: `cdk.out` belongs to whoever works here. */
function appOptions({ app, context = {} }: StackOfApp, folder: string): string[] {
  const values = Object.entries(context).flatMap(([name, value]) => ["--context", `${name}=${value}`]);
  return ["--app", app, "--output", join(folder, "assembly"), ...values];
}

/** What the CLI says, which is nobody's business unless it fails. */
async function cdk(engine: Ministack, args: readonly string[]): Promise<string> {
  const child = spawn(join(root, "node_modules/.bin/cdk"), [...args, "--no-notices", "--ci", "--no-color"], {
    cwd: root,
    env: cliEnvironment(engine),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`cdk ${args.join(" ")} ${code === null ? `took more than ${limitMs} ms` : "failed"}:\n${legible(said)}`);
  return said;
}

/** Without the rest of the minified lines that Node shows. */
function legible(said: string): string {
  return said.replaceAll(/^(.{500}).+$/gm, "$1 …");
}
