#!/usr/bin/env node
import { commandAt } from "./commands.ts";
import { lineOf } from "./failure.ts";
import { helpFor, overview, version } from "./help.ts";
import { failed, say } from "./output.ts";
import { parse } from "./parse.ts";
import { flushed, ownStreams } from "./streams.ts";

ownStreams();
const code = await run(process.argv.slice(2)).catch(complain);
const written = await flushed().then(() => code, complain);
// Not when nothing is open any more: a module of the user's may have a client, a server or a timer.
process.exit(written);

async function run(args: readonly string[]): Promise<number> {
  const [first = ""] = args;
  if (["--version", "-v"].includes(first)) return say(version());
  if (["--help", "-h", "help"].includes(first)) return say(overview());
  const { command, rest } = commandAt(args);
  if (command === undefined) return say(overview("redrive"));
  const given = parse(command, rest);
  if (given.isHelp) return say(helpFor(command));
  const { run: carryOut } = await command.load();
  return carryOut(given);
}

async function complain(error: unknown): Promise<typeof failed> {
  await new Promise((resolve) => process.stderr.write(`lambda-once: ${lineOf(error)}\n`, resolve));
  return failed;
}
