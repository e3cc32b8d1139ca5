// How a command line is read.
import { parseArgs } from "node:util";
import { messageOf } from "../core/errors.ts";
import type { Command, Given } from "./command.ts";
import { UsageError } from "./failure.ts";
import { type OptionName, options } from "./options.ts";

/** @throws UsageError for what the command does not take. */
export function parse(command: Command, args: readonly string[]): Given {
  const wrong = (message: string) => new UsageError(message, `lambda-once ${command.name} --help`);
  const { values, positionals } = read(command, args, wrong);
  const surplus = positionals[command.takes?.length ?? 0];
  if (surplus !== undefined && values["help"] !== true) throw wrong(`"${surplus}" is one argument too many`);

  const text = (name: OptionName): string | undefined => {
    const value = values[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return {
    isHelp: values["help"] === true,
    positionals,
    text,
    required(name) {
      const value = text(name);
      if (value === undefined) throw wrong(`--${name} is missing`);
      return value;
    },
    flag: (name) => values[name] === true,
    wholeNumber(name, min, max = Number.MAX_SAFE_INTEGER) {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
      if (number >= min && number <= max) return number;
      const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
      throw wrong(`--${name} is "${value}": give a whole number ${range}`);
    },
    oneOf(name, ...allowed) {
      const value = text(name);
      const found = allowed.find((one) => one === value);
      if (value !== undefined && found === undefined) throw wrong(`--${name} is "${value}": give ${allowed.join(" or ")}`);
      return found;
    },
    wrong,
  };
}

interface Read {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

function read(command: Command, args: readonly string[], wrong: (message: string) => UsageError): Read {
  const names: readonly OptionName[] = [...command.options, "help"];
  const config = Object.fromEntries(
    names.map((name) => [name, { type: options[name].value !== undefined ? ("string" as const) : ("boolean" as const) }]),
  );
  try {
    return parseArgs({
      args: joined(args),
      options: { ...config, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    // Of its several sentences the first one says what is wrong.
    throw wrong(messageOf(error).split(/\.\s|\.$|\n/, 1)[0] ?? "");
  }
}

// One hash in 64 begins with a dash, and would be taken for an option.
function joined(args: readonly string[]): string[] {
  const after = args.findIndex((arg, i) => arg === "--hash" && /^-[\w-]{42}$/.test(args[i + 1] ?? ""));
  return after === -1 ? [...args] : [...args.slice(0, after), `--hash=${args[after + 1]}`, ...args.slice(after + 2)];
}
