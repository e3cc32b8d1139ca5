// npm run transcript:redrive [-- --write]: plays the redrive trap, and with --write shows it in docs/sqs.md.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { findMinistack } from "../../engines/ministack.ts";
import { page, playTranscript, withTranscript } from "./transcript.ts";

const { write } = parseArgs({ options: { write: { type: "boolean", default: false } } }).values;
const found = findMinistack();
if ("missing" in found) {
  console.error(`transcript:redrive: ${found.missing}`);
  process.exitCode = 1;
} else {
  const transcript = await playTranscript();
  process.stdout.write(transcript);
  if (write) writeFileSync(page, withTranscript(transcript));
}
