// npm run transcript:runbook [-- --write]: plays the runbook of docs/redrive.md, and with --write shows it there.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { findMinistack } from "../../engines/ministack.ts";
import { page, toldBy, withRunbook } from "./page.ts";
import { playRunbook } from "./play.ts";

const { write } = parseArgs({ options: { write: { type: "boolean", default: false } } }).values;
const found = findMinistack();
if ("missing" in found) {
  console.log(`transcript:runbook: ${found.missing}`);
  process.exitCode = 1;
} else {
  console.error = () => {}; // what the handler's messages fail with
  const told = toldBy((await playRunbook()).runbook);
  for (const text of told.values()) console.log(text);
  if (write) writeFileSync(page, withRunbook(told));
}
