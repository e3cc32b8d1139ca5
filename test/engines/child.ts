// Starts engines that are processes of their own, and waits for them; runs programs to their end. None of them outlives this process.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { get as getPlain } from "node:http";
import { get as getSecure } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type Engine, enginesFolder } from "./engine.ts";

/** How to run an engine. */
export interface Program {
  readonly name: string;
  readonly command: string;
  /** It must listen on this port of 127.0.0.1. */
  args(port: number): readonly string[];
  /** On top of this process's variables; its temporary folder is set already. */
  env?(port: number, folder: string): NodeJS.ProcessEnv;
  /** What it finds in its temporary folder: contents by file name. */
  readonly files?: Readonly<Record<string, string>>;
  /** The certificate (PEM) that it shows, where it speaks TLS. */
  readonly certificate?: string;
}

/** An engine that is a process. */
export interface ChildEngine extends Engine {
  /** Its temporary folder, which goes when it stops. */
  readonly folder: string;
}

type Keeper = ChildProcessByStdio<Writable, null, Readable>;

const startLimitMs = 60_000;
const logLimit = 20_000;
const starts = 3;

/** Starts a program on a free port, and again on another one where somebody took the port in between. */
export async function startChild(program: Program): Promise<ChildEngine> {
  for (let start = 1; ; start++) {
    const child = runChild(program, await freePort());
    const endpoint = `${program.certificate === undefined ? "http" : "https"}://127.0.0.1:${child.port}`;
    if (await child.ready(endpoint)) return { name: program.name, endpoint, folder: child.folder, stop: child.stop };
    await child.stop();
    if (start === starts || !portTaken.test(child.log())) throw new Error(`${program.name} did not start: ${child.log()}`);
  }
}

// An engine in Java may stay alive without its port, so that its log has to tell.
const portTaken = /address already in use|is already in use/i;

function runChild(program: Program, port: number) {
  const folder = temporaryFolder(program);
  const keeper: Keeper = spawn(process.execPath, kept(folder, program.command, program.args(port)), {
    stdio: ["pipe", "ignore", "pipe"],
    cwd: folder,
    env: { ...process.env, TMPDIR: folder, ...program.env?.(port, folder) },
  });
  let log = "";
  keeper.stderr.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-logLimit)));
  const exited = new Promise<void>((resolve) => keeper.once("close", () => resolve()));
  return {
    port,
    folder,
    log: () => log,
    async ready(endpoint: string): Promise<boolean> {
      const deadline = Date.now() + startLimitMs;
      while (!(await answers(endpoint, program.certificate))) {
        if (keeper.exitCode !== null || Date.now() > deadline || portTaken.test(log)) return false;
        await sleep(50);
      }
      return true;
    },
    // The keeper stops the engine when its standard input closes, which happens however this process ends.
    async stop(): Promise<void> {
      keeper.stdin.end();
      await exited;
    },
  };
}

/** How to run a program that ends by itself. */
export interface Command {
  readonly name: string;
  readonly command: string;
  /** `folder`: a temporary one, which goes when it ends. */
  args(folder: string): readonly string[];
  /** All its variables. */
  env(folder: string): NodeJS.ProcessEnv;
  readonly cwd: string;
  /** When it is killed. */
  readonly limitMs: number;
}

export interface Ended {
  /** `killed` where it took longer than it may. */
  readonly end: "ok" | "failed" | "killed";
  /** What it wrote, on both outputs. */
  readonly said: string;
}

/** Runs a program to its end, that of this process, or that of its time. */
export async function runToEnd({ name, command, args, env, cwd, limitMs }: Command): Promise<Ended> {
  const folder = temporaryFolder({ name });
  const keeper = spawn(process.execPath, kept(folder, command, args(folder)), { stdio: ["pipe", "pipe", "pipe"], cwd, env: env(folder) });
  let said = "";
  for (const stream of [keeper.stdout, keeper.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    keeper.stdin.end();
  }, limitMs);
  const code = await new Promise<number | null>((resolve, reject) => keeper.once("error", reject).once("close", resolve));
  clearTimeout(timer);
  return { end: killed ? "killed" : code === 0 ? "ok" : "failed", said };
}

function kept(folder: string, command: string, args: readonly string[]): string[] {
  return [join(import.meta.dirname, "keeper.ts"), folder, command, ...args];
}

/** A temporary folder for one run of a program; the keeper removes it. */
function temporaryFolder({ name, files = {} }: Pick<Program, "name" | "files">): string {
  const runs = join(enginesFolder, "run");
  mkdirSync(runs, { recursive: true });
  const folder = mkdtempSync(join(runs, `${name.toLowerCase().replaceAll(" ", "-")}-`));
  // MiniStack runs CommonJS from here, which this repository's "type": "module" would forbid.
  const all = { "package.json": "{}\n", ...files };
  for (const [file, content] of Object.entries(all)) writeFileSync(join(folder, file), content);
  return folder;
}

/** Any status will do: DynamoDB Local says 400 to a request that is none of its own. */
function answers(endpoint: string, certificate?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const get = certificate === undefined ? getPlain : getSecure;
    const request = get(endpoint, { agent: false, ca: certificate }, (answer) => answer.resume().once("close", () => resolve(true)));
    request.once("error", () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
