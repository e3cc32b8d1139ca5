import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** An execution environment of a function: a process of its own, which can be killed. */
export interface Environment {
  /** Rejects where the function threw, or died. */
  invoke(event: unknown): Promise<unknown>;
  kill(): Promise<void>;
}

export interface Invocation {
  readonly id: number;
  readonly event: unknown;
  readonly timeoutMs: number;
}

export interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** Starts a function's file, which exports `handler`, with nothing but these variables of AWS. */
export async function startEnvironment(file: string, variables: NodeJS.ProcessEnv, timeoutMs: number): Promise<Environment> {
  const child = fork(fileURLToPath(new URL("runtime.ts", import.meta.url)), [file], { env: { ...others(), ...variables } });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const died = once(child, "exit");
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("the environment died"));
  });
  await Promise.race([once(child, "message"), died]);
  if (hasEnded(child)) throw new Error(`${file} cannot be loaded`);
  child.on("message", ({ id, answer, error }: Answer) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error === undefined) resolve?.(answer);
    else reject?.(new Error(error));
  });
  let invocations = 0;
  return {
    invoke(event) {
      if (hasEnded(child)) return Promise.reject(new Error("the environment died"));
      const answered = Promise.withResolvers<unknown>();
      const id = invocations++;
      waiting.set(id, answered);
      child.send({ id, event, timeoutMs } satisfies Invocation);
      return answered.promise;
    },
    async kill() {
      child.kill("SIGKILL");
      await died;
    },
  };
}

function others(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
  return Object.fromEntries(kept);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
