import { currentExecution } from "lambda-once";

/** Writes a line for the run that this is called in: which key, which attempt, on which Node. */
export function logRun(reference: string): void {
  const { operation, keyHash, attempt } = currentExecution();
  console.log(JSON.stringify({ message: "run", operation, keyHash, attempt, reference, node: process.version }));
}
