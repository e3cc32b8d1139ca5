// The functions of the example app as they are deployed: each a bundle, its environments processes that are killed at the timeout.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Answer, Invocation } from "../../examples/orders/local/environment.ts";

export type FunctionName = "orders" | "shipments" | "payments";

export interface AppFunction {
  /** Rejects where the function threw, or was killed. What runs at the same time has an environment of its own, as on Lambda. */
  invoke(event: unknown): Promise<unknown>;
  /** What its environments have written: the lines that are JSON. */
  lines(): Record<string, unknown>[];
  stop(): void;
}

const runtime = fileURLToPath(new URL("../../examples/orders/local/runtime.ts", import.meta.url));

/** Bundles a function for Lambda, and answers with the bundle's file. */
export async function bundled(name: FunctionName, folder: string): Promise<string> {
  const outfile = `${folder}/${name}.mjs`;
  await build({
    entryPoints: [fileURLToPath(new URL(`../../examples/app/${name}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    // A condition of one's own switches `module` off, without which CommonJS would be bundled, and a `require` that is not there.
    conditions: ["lambda-once:source", "module"],
    mainFields: ["module", "main"],
  });
  return outfile;
}

/** A bundle's function, with nothing but these variables of AWS. */
export function functionOf(file: string, variables: NodeJS.ProcessEnv, timeoutMs: number): AppFunction {
  const env = { PATH: process.env["PATH"], ...variables };
  const all: ChildProcess[] = [];
  const idle: ChildProcess[] = [];
  let written = "";

  async function start(): Promise<ChildProcess> {
    const environment = fork(runtime, [file], { env, execArgv: [], stdio: ["ignore", "pipe", "pipe", "ipc"] });
    all.push(environment);
    for (const output of [environment.stdout, environment.stderr]) output?.on("data", (chunk: Buffer) => (written += chunk.toString()));
    if ((await messageOf(environment)) !== "ready") throw new Error(`the bundle cannot be loaded:\n${written}`);
    return environment;
  }

  return {
    async invoke(event) {
      const environment = idle.pop() ?? (await start());
      const timer = setTimeout(() => environment.kill("SIGKILL"), timeoutMs);
      environment.send({ id: 0, event, timeoutMs } satisfies Invocation);
      const said = (await messageOf(environment)) as Answer | undefined;
      clearTimeout(timer);
      if (said === undefined) throw new Error("the environment died");
      idle.push(environment);
      if (said.error !== undefined) throw new Error(said.error);
      return said.answer;
    },
    lines: () => written.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Record<string, unknown>] : [])),
    stop() {
      for (const environment of all) environment.kill("SIGKILL");
    },
  };
}

/** The next message of an environment; undefined where it dies. */
async function messageOf(environment: ChildProcess): Promise<unknown> {
  const heard = new AbortController();
  const listen = (name: string): Promise<unknown[]> => once(environment, name, { signal: heard.signal });
  const message = await Promise.race([listen("message").then(([said]) => said), listen("exit").then(() => undefined)]);
  heard.abort();
  return message;
}
