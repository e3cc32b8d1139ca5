// What is written, and to whom: stdout has the results of the command, and nothing else.

/** Kept before the code of others is loaded. */
const print = process.stdout.write.bind(process.stdout);

let unwritten: Error | undefined;

/**
 * What a module of the user's prints goes to stderr. A reader that went away (`… | head`) ends no work: what nobody reads is dropped. Whatever
 * else is in the way of stdout, a full disk, is thrown by `flushed`.
 */
export function ownStreams(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") unwritten ??= error;
  });
  process.stderr.on("error", () => {}); // there is nobody left to tell
  process.stdout.write = process.stderr.write.bind(process.stderr);
}

export function printLine(text: string): void {
  print(`${text}\n`);
}

/** Resolves once all is written that somebody reads. @throws what was in the way. */
export async function flushed(): Promise<void> {
  await new Promise((resolve) => print("", resolve));
  await new Promise((resolve) => process.stderr.write("", resolve));
  if (unwritten !== undefined) throw unwritten;
}
