// The runbook's transcripts in docs/redrive.md: each part between comments with its name.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../engines/engine.ts";
import type { Played } from "./play.ts";

export const page: string = join(root, "docs/redrive.md");
const place = /(<!-- transcript:(\w+) -->\n\n```text\n)([\s\S]*?)(```\n\n<!-- \/transcript -->)/g;

export type Runbook = ReadonlyMap<string, readonly Played[]>;

/** What the page shows, by part. */
export function shownRunbook(text: string = readFileSync(page, "utf8")): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(place)].map(([, , part = "", shown = ""]) => [part, shown]));
}

/** The page with other transcripts. */
export function withRunbook(runbook: ReadonlyMap<string, string>): string {
  return readFileSync(page, "utf8").replaceAll(place, (_, start: string, part: string, __, end: string) => {
    const text = runbook.get(part);
    if (text === undefined) throw new Error(`${page} shows "${part}", which nobody plays`);
    return start + text + end;
  });
}

export function toldBy(runbook: Runbook): ReadonlyMap<string, string> {
  return new Map([...runbook].map(([part, played]) => [part, played.map(({ line, output }) => `$ ${line}\n${output}`).join("\n")]));
}

/** Without what differs from run to run: ids, hashes, times and ports, each as the first one, the second one. */
export function normalised(text: string): string {
  const names = new Map<string, string>();
  const varying = /\d{4}-\d\d-\d\dT[\d:.]{12}Z|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|127\.0\.0\.1:\d+/g;
  return text.replaceAll(varying, (found) => {
    if (found.endsWith("Z")) return "<time>";
    const name = names.get(found) ?? `<${names.size + 1}>`;
    names.set(found, name);
    return name;
  });
}
