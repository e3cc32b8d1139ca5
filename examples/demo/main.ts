// npm run demo [-- --engine embedded|local]
import { parseArgs, styleText } from "node:util";
import { startDynamodbLocal } from "../../test/engines/dynamodb-local.ts";
import { startEmbedded } from "../../test/engines/embedded.ts";
import type { Engine } from "../../test/engines/engine.ts";
import { demo } from "./demo.ts";
import { scenarios } from "./scenarios.ts";

const engines: Readonly<Record<string, () => Promise<Engine>>> = { embedded: startEmbedded, local: startDynamodbLocal };

const usage = `usage: npm run demo -- [--engine embedded|local]

Delivers the same work more than once, in the ways that AWS and its clients do, and counts what comes of it.

  --engine embedded   dynalite, in this process (the default)
  --engine local      DynamoDB Local, needs Java 17
  --help              this text

exit codes: 0 all is as it should be, 1 it is not or the engine did not start, 2 wrong usage`;

/** A reason to stop, to be told without a stack. */
class Stop extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}

async function main(): Promise<void> {
  const { engine: name, help } = readFlags();
  if (help) return console.log(usage);
  const start = Object.hasOwn(engines, name) ? engines[name] : undefined;
  if (start === undefined) throw new Stop(2, `demo: unknown engine "${name}"\n\n${usage}`);
  const engine = await start().catch((error: unknown) => {
    throw new Stop(1, `demo: ${messageOf(error)}`);
  });
  try {
    const complaints = await demo(engine, scenarios, console.log);
    if (complaints.length > 0)
      throw new Stop(1, complaints.map((complaint) => styleText("red", `✗ ${complaint}`, { stream: process.stderr })).join("\n"));
    console.log(styleText("green", "✓ Every effect happened as often as it should."));
  } finally {
    await engine.stop();
  }
}

function readFlags(): { engine: string; help: boolean } {
  try {
    const options = { engine: { type: "string", default: "embedded" }, help: { type: "boolean", default: false } } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Stop(2, `demo: ${messageOf(error)}\n\n${usage}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
