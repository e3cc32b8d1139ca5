// npm run transcript:http [-- --write]: plays the situations of docs/http.md with curl, and with --write shows them there.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { findCurl } from "../../engines/curl.ts";
import { page, withTranscripts } from "./page.ts";
import { playTranscripts } from "./play.ts";

const { write } = parseArgs({ options: { write: { type: "boolean", default: false } } }).values;
const found = findCurl();
if ("missing" in found) {
  console.log(`transcript:http: ${found.missing}`);
  process.exitCode = 1;
} else {
  const transcripts = await playTranscripts();
  for (const [part, text] of transcripts) console.log(`${part}\n\n${text}`);
  if (write) writeFileSync(page, withTranscripts(transcripts));
}
