// What `--help` and `--version` print.
import { readFileSync } from "node:fs";
import type { Command } from "./command.ts";
import { commands } from "./commands.ts";
import { type Option, type OptionName, options } from "./options.ts";

const exitCodes = "Exit codes: 0 done, 1 error, 2 messages were left (redrive apply), 3 aborted.";

export function version(): string {
  const manifest = readFileSync(new URL(import.meta.resolve("lambda-once/package.json")), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** All commands, or those of a group. */
export function overview(group = ""): string {
  const lines = commands.filter(({ name }) => name.startsWith(group)).map(({ name, summary }) => `  ${name.padEnd(16)}${summary}`);
  return [
    `lambda-once ${version()}: dead letters that keep their keys, and the records behind them`,
    "",
    "Usage: lambda-once COMMAND …; lambda-once COMMAND --help has its options and examples",
    "",
    ...lines,
    "",
    "Region and credentials come from the environment, as for the AWS CLI; so do endpoints",
    "(AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL_DYNAMODB). The table: --table NAME or IDEMPOTENCY_TABLE.",
    exitCodes,
  ].join("\n");
}

export function helpFor(command: Command): string {
  const { name, takes = [], summary, details, examples, required = [] } = command;
  const names: readonly OptionName[] = [...command.options, "help"];
  const usage = ["lambda-once", name, ...takes, ...required.map(withValue), "[options]"].join(" ");
  return [
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    "",
    `Usage: ${usage}`,
    "",
    ...details.flatMap((paragraph) => [paragraph, ""]),
    "Options:",
    ...names.map((option) => `  ${withValue(option).padEnd(34)}${options[option].help}`),
    "",
    "Examples:",
    ...examples.map((example) => `  ${example}`),
    "",
    exitCodes,
  ].join("\n");
}

function withValue(name: OptionName): string {
  const { value }: Option = options[name];
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}
