import { tableOf } from "../aws.ts";
import type { Given } from "../command.ts";
import { say, sayJson } from "../output.ts";
import { recordIdOf, recordText, shown } from "../records.ts";

export async function run(given: Given): Promise<number> {
  const id = recordIdOf(given);
  const { store } = tableOf(given);
  const record = shown(id, await store.read(id), Date.now());
  return given.flag("json") ? sayJson(record) : say(recordText(process.stdout, record));
}
