import type { UsageError } from "./failure.ts";
import type { OptionName } from "./options.ts";

export interface Command {
  readonly name: string;
  /** Its arguments, as the help shows them. */
  readonly takes?: readonly string[];
  readonly summary: string;
  /** In the order of the help. */
  readonly options: readonly OptionName[];
  /** Those of them that it cannot do without. */
  readonly required?: readonly OptionName[];
  /** Paragraphs. */
  readonly details: readonly string[];
  readonly examples: readonly string[];
  /** Its code, once it is to run: help needs no AWS SDK. */
  load(): Promise<{ run(given: Given): Promise<number> }>;
}

/** A command line that was read. */
export interface Given {
  readonly isHelp: boolean;
  readonly positionals: readonly string[];
  text(name: OptionName): string | undefined;
  required(name: OptionName): string;
  flag(name: OptionName): boolean;
  wholeNumber(name: OptionName, min: number, max?: number): number | undefined;
  oneOf<T extends string>(name: OptionName, ...allowed: readonly T[]): T | undefined;
  /** What is wrong with it, as an error to throw. */
  wrong(message: string): UsageError;
}
