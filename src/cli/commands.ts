// Which commands there are.
import type { Command } from "./command.ts";
import { UsageError } from "./failure.ts";
import { recordCommands } from "./record-commands.ts";
import { redriveCommands } from "./redrive-commands.ts";

export const commands: readonly Command[] = [...redriveCommands, ...recordCommands];

/** The command that a line begins with; none where it asks for the help of `redrive`. @throws UsageError where there is none such. */
export function commandAt(args: readonly string[]): { readonly command?: Command; readonly rest: readonly string[] } {
  const [first, second] = args;
  if (first === undefined) throw new UsageError("give a command", "lambda-once --help");
  const isGroup = first === "redrive";
  if (isGroup && (second === "--help" || second === "-h")) return { rest: [] };
  const words = isGroup ? 2 : 1;
  const name = args.slice(0, words).join(" ");
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return { command, rest: args.slice(words) };
  if (isGroup && second === undefined) throw new UsageError("redrive what: plan, apply, status or cancel?", "lambda-once redrive --help");
  throw new UsageError(`there is no command "${name}"`, "lambda-once --help");
}
