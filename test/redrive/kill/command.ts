// `lambda-once redrive apply` as a process of its own, and its death.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../../engines/engine.ts";
import { startStrikeProxy, type Strike } from "./strike.ts";

export interface Run {
  /** `undefined`: it was killed. */
  readonly code: number | undefined;
  readonly stderr: string;
  readonly actions: readonly string[];
  readonly lostHandles: readonly string[];
}

export interface RunOptions {
  /** Of queue and table. */
  readonly endpoint: string;
  readonly table: string;
  readonly plan: string;
  readonly journal: string;
  readonly more?: readonly string[];
  readonly strike?: Omit<Strike, "kill">;
}

export async function runApply({ endpoint, table, plan, journal, more = [], strike }: RunOptions): Promise<Run> {
  let kill = (): void => {};
  const proxy = await startStrikeProxy(endpoint, strike && { ...strike, kill: () => kill() });
  const args = ["redrive", "apply", "--plan", plan, "--journal", journal, "--table", table, "--rate", "500", "--yes", ...more];
  const child = spawn(process.execPath, ["--conditions=lambda-once:source", join(root, "src/cli/main.ts"), ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      AWS_ENDPOINT_URL_SQS: proxy.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    },
  });
  kill = () => void child.kill("SIGKILL");
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | undefined>((resolve) => child.on("close", (exitCode) => resolve(exitCode ?? undefined)));
  await proxy.close();
  return { code, stderr, actions: proxy.actions, lostHandles: proxy.lostHandles };
}
