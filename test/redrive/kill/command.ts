// `lambda-once redrive apply` as a process of its own, and its death.
import { environment, start } from "../../cli/command.ts";
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
  const { child, ended } = start(args, environment({ sqs: proxy.endpoint, dynamodb: proxy.endpoint }));
  kill = () => void child.kill("SIGKILL");
  const { code, stderr } = await ended;
  await proxy.close();
  return { code, stderr, actions: proxy.actions, lostHandles: proxy.lostHandles };
}
