// Deploys CDK apps by the real CDK CLI, as a person would, to a MiniStack that takes the place of AWS.
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runToEnd } from "../engines/child.ts";
import { root } from "../engines/engine.ts";
import type { Ministack } from "../engines/ministack.ts";
import { account, cliEnvironment, region } from "../engines/ministack-access.ts";

/** A stack of a CDK app. */
export interface StackOfApp {
  /** The command that synthesizes the app, as `app` of cdk.json, which runs in the repository; or the folder of a cloud assembly. */
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

/** Where the CLI finds AWS. */
type Reachable = Pick<Ministack, "endpoint" | "certificateFile">;

const limitMs = 180_000;
const bootstrapped = new WeakMap<Ministack, Promise<string>>();

/** Deploys a stack, or what has changed of it; bootstraps the engine's account the first time. Throws with all that the CLI says. */
export async function deploy(engine: Ministack, stack: StackOfApp): Promise<Deployed> {
  await bootstrap(engine);
  const outputsFile = join(mkdtempSync(join(engine.folder, "outputs-")), "outputs.json");
  const said = await cdk(engine, "deploy", stack, "--require-approval", "never", "--outputs-file", outputsFile);
  const outputs = JSON.parse(readFileSync(outputsFile, "utf8")) as Record<string, Record<string, string>>;
  return { outputs: outputs[stack.stack] ?? {}, changed: !said.includes(`${stack.stack} (no changes)`) };
}

/** Removes a stack and what it does not retain. */
export async function destroy(engine: Reachable, stack: StackOfApp): Promise<void> {
  await cdk(engine, "destroy", stack, "--force");
}

/** Synthesizes a stack with its assets, and gives the folder of the cloud assembly: `app` of another deployment. */
export async function synthesize(engine: Ministack, stack: StackOfApp): Promise<string> {
  const assembly = mkdtempSync(join(engine.folder, "assembly-"));
  await cdk(engine, "synth", stack, "--quiet", "--output", assembly);
  return assembly;
}

function bootstrap(engine: Ministack): Promise<string> {
  const begun =
    bootstrapped.get(engine) ?? run(engine, (folder) => ["bootstrap", `aws://${account}/${region}`, "--app", "", "--output", folder]);
  bootstrapped.set(engine, begun);
  return begun;
}

function cdk(engine: Reachable, command: string, { app, stack, context = {} }: StackOfApp, ...options: readonly string[]): Promise<string> {
  const values = Object.entries(context).flatMap(([name, value]) => ["--context", `${name}=${value}`]);
  // The assembly does not go to `cdk.out`, which belongs to whoever works here.
  const output = (folder: string) => (options.includes("--output") ? [] : ["--output", join(folder, "assembly")]);
  return run(engine, (folder) => [command, stack, "--app", app, ...values, ...options, ...output(folder)]);
}

/** What the CLI says, which is nobody's business unless it fails. */
async function run(engine: Reachable, args: (folder: string) => readonly string[]): Promise<string> {
  let called = "";
  const { end, said } = await runToEnd({
    name: "CDK CLI",
    command: join(root, "node_modules/.bin/cdk"),
    args(folder) {
      const all = args(folder);
      called = `cdk ${all.join(" ")}`;
      return [...all, "--no-notices", "--ci", "--no-color"];
    },
    env: (folder) => cliEnvironment(engine, folder),
    cwd: root,
    limitMs,
  });
  if (end !== "ok") throw new Error(`${called} ${end === "killed" ? `took more than ${limitMs} ms` : "failed"}:\n${legible(said)}`);
  return said;
}

/** Without the rest of the minified lines that Node shows. */
function legible(said: string): string {
  return said.replaceAll(/^(.{500}).+$/gm, "$1 …");
}
