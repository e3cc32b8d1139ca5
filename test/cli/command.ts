// The command as a person runs it: a process of its own, with what it prints and how it ends.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

const main = join(import.meta.dirname, "../../src/cli/main.ts");
/** What Node is started with for the sources. */
export const nodeArgs: readonly string[] = ["--conditions=lambda-once:source", main];

export interface Ran {
  /** Exit code; undefined where a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export type Env = Readonly<Record<string, string>>;

/** An AWS that nobody answers for: a command that asks it of anything says so. */
export const nowhere: Env = environment({ sqs: "http://127.0.0.1:1", dynamodb: "http://127.0.0.1:1" });

/** All that a command knows of its surroundings: nothing of this machine's accounts and configuration. */
export function environment({ sqs, dynamodb }: { readonly sqs: string; readonly dynamodb: string }): Env {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: "/nonexistent",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ENDPOINT_URL_SQS: sqs,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
  };
}

export async function endpointOf(client: DynamoDBClient): Promise<string> {
  const { protocol, hostname, port } = (await client.config.endpoint?.()) ?? {};
  return `${protocol}//${hostname}:${port}`;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** Starts it without a terminal. */
export function start(args: readonly string[], env: Env, before: readonly string[] = []): Started {
  const child = spawn(process.execPath, [...before, ...nodeArgs, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  return { child, ended: endOf(child) };
}

export function run(args: readonly string[], env: Env, before: readonly string[] = []): Promise<Ran> {
  return start(args, env, before).ended;
}

export function endOf(child: ChildProcess): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (stderr += data.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? undefined, stdout, stderr }));
  });
}
