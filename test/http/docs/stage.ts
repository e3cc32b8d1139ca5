// Where the transcripts of docs/http.md are played: the APIs behind a gateway, on the embedded engine, and curl.
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { dynamodbStore } from "../../../src/dynamodb/index.ts";
import type { Store } from "../../../src/index.ts";
import { startEmbedded } from "../../engines/embedded.ts";
import { clientOf, freshTable } from "../../support/table.ts";
import { until } from "../../support/until.ts";
import { routesOf } from "./apis.ts";
import { type Bank, openBank } from "./bank.ts";
import { openGateway } from "./gateway.ts";

/** A command line that goes on while others run. */
export interface UnderWay {
  /** Shows what it prints. */
  end(): Promise<void>;
}

export interface Stage {
  readonly bank: Bank;
  /** What follows belongs to this part of the page. */
  part(name: string): void;
  /** Says what curl cannot show. */
  say(comment: string): void;
  /** Says what the functions have logged since it last did. */
  sayLogged(): void;
  /** Runs a command line, and shows it with what it prints. */
  run(line: string): Promise<void>;
  /** Starts one, shows it, and comes back once its claim is answered. */
  start(line: string): Promise<UnderWay>;
  /** Time passes for the function and its records. */
  pass(ms: number): void;
  /** The table is away from now on. */
  loseTable(): Promise<void>;
}

/** What a part of the page shows, by name. */
export type Shown = Map<string, string[]>;

/** Plays one scene on a stage of its own. */
export async function onStage(shown: Shown, scene: (stage: Stage) => Promise<void>): Promise<void> {
  const engine = await startEmbedded();
  const client = clientOf(engine.endpoint, { maxAttempts: 1 });
  let aheadMs = 0;
  const clock = { now: () => Date.now() + aheadMs, sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, { signal }) };
  const bank = openBank();
  const table = dynamodbStore({ client, tableName: await freshTable(client) });
  let claims = 0;
  const store: Store = {
    ...table,
    clock,
    claim: (...args) => table.claim(...args).finally(() => claims++),
  };
  const gateway = await openGateway(routesOf(store, bank), "customer-7");
  let lines: string[] = [];
  let isTableThere = true;

  const show = (text: string) => void lines.push(text);
  const showPrinted = (output: string) => void lines.push(`${folded(output)}\n`);
  const env = { PATH: process.env["PATH"] ?? "", API: gateway.url, CURL_HOME: "/nonexistent" };
  const { error } = console;
  const logged: string[] = [];
  console.error = (line: unknown) => void logged.push(String(line));
  try {
    await scene({
      bank,
      part(name) {
        lines = [];
        shown.set(name, lines);
      },
      say: (comment) => show(`# ${comment}`),
      sayLogged: () => lines.push(...logged.splice(0).map((line) => `# ${line}`)),
      async run(line) {
        show(`$ ${line}`);
        showPrinted(await printed(line, env));
      },
      async start(line) {
        show(`$ ${line} &`);
        const before = claims;
        const end = printed(line, env);
        await until("its claim is answered", async () => (claims > before ? true : undefined));
        return { end: async () => showPrinted(await end) };
      },
      pass: (ms) => void (aheadMs += ms),
      async loseTable() {
        isTableThere = false;
        await engine.stop();
      },
    });
  } finally {
    console.error = error;
    await gateway.close();
    client.destroy();
    if (isTableThere) await engine.stop();
  }
}

/** As a person types it; what it prints, errors as well. */
function printed(line: string, env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn("sh", ["-c", line], { env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve(output.replaceAll("\r", "")));
  });
}

const widest = 120;

/** Long lines of JSON, between their members. */
function folded(output: string): string {
  const lines = output.trimEnd().split("\n");
  return lines.map((line) => (line.startsWith("{") && line.length > widest ? foldedJson(line) : line)).join("\n");
}

function foldedJson(json: string): string {
  const members = json.split(/(?<=,)(?="\w+":)/);
  const lines = [""];
  for (const member of members) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + member.length > widest) lines.push(` ${member}`);
    else lines[lines.length - 1] = last + member;
  }
  return lines.join("\n");
}
