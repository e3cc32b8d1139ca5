// The transcripts in docs/http.md: each part between comments with its name.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../engines/engine.ts";

export const page: string = join(root, "docs/http.md");
const place = /(<!-- transcript:([\w-]+) -->\n\n```text\n)([\s\S]*?)(```\n\n<!-- \/transcript -->)/g;

/** What the page shows, by part. */
export function shownTranscripts(text: string = readFileSync(page, "utf8")): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(place)].map(([, , part = "", shown = ""]) => [part, shown]));
}

/** The page with other transcripts. */
export function withTranscripts(transcripts: ReadonlyMap<string, string>, text: string = readFileSync(page, "utf8")): string {
  return text.replaceAll(place, (_, start: string, part: string, __, end: string) => {
    const played = transcripts.get(part);
    if (played === undefined) throw new Error(`${page} shows "${part}", which nobody plays`);
    return start + played + end;
  });
}
