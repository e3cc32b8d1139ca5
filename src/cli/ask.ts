// Yes or no, from a person at a terminal.
import { createInterface } from "node:readline";
import { Refusal } from "./failure.ts";

/** Where a person is asked, and answers. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** On stderr, so that stdout has results only. */
const standard: Terminal = { input: process.stdin, output: process.stderr };

/** @throws Refusal where nobody can be asked. */
export function needTerminal({ input, output }: Terminal = standard): void {
  if (input.isTTY !== true || output.isTTY !== true)
    throw new Refusal("no prompt without a terminal, and nothing was done: give --yes to go on unasked");
}

/** Anything but "y" and "yes" is no; so are Ctrl-C, Ctrl-D and an input that ends. */
export async function isConfirmed(question: string, { input, output }: Terminal = standard): Promise<boolean> {
  const asked = createInterface({ input, output });
  try {
    const answer = await new Promise<string>((resolve) => {
      asked.once("close", () => resolve(""));
      asked.question(`${question} [y/N] `, resolve);
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asked.close();
  }
}
