#!/usr/bin/env node
import { commandAt } from "./commands.ts";
import { lineOf } from "./failure.ts";
import { helpFor, overview, version } from "./help.ts";
import { failed, say } from "./output.ts";
import { parse } from "./parse.ts";

// `lambda-once list … | head` is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`lambda-once: ${lineOf(error)}\n`);
  return failed;
});

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
