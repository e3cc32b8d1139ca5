import type { StoredRecord } from "../../core/record.ts";
import { isConfirmed, needTerminal } from "../ask.ts";
import { tableOf } from "../aws.ts";
import type { Given } from "../command.ts";
import { Refusal } from "../failure.ts";
import { aborted, note, say, sayJson } from "../output.ts";
import { recordIdOf, recordText, shown, type StatusWord } from "../records.ts";

/** Why the key of such a record is not to be freed. */
const refusals: Partial<Record<StatusWord, string>> = {
  none: "there is no record of this key: is the operation right, and is the key a text? (--key-json is for others)",
  in_progress: "its run is under way, and would be repeated beside it: wait for the end of its lease",
  completed: "its work is done, and duplicates are answered from it: freed, it would be done again",
  released: "its key is free already: the next delivery runs",
  expired: "its time is over, and its key is free: the next delivery runs",
};

export async function run(given: Given): Promise<number> {
  const id = recordIdOf(given);
  if (!given.flag("yes")) needTerminal();
  const { store } = tableOf(given);
  const seen = await store.read(id);
  const record = shown(id, seen, Date.now());
  // One that has expired closes nothing; but a redrive leaves the message until somebody says that he knows how its run ended.
  const refusal = record.status === "expired" && seen?.status === "held" ? undefined : refusals[record.status];
  if (refusal !== undefined || seen === undefined) throw new Refusal(`not released, it is ${record.status}: ${refusal}`);

  if (!given.flag("yes")) {
    note(recordText(process.stderr, record));
    if (!(await isConfirmed("Release its key? The next delivery runs, and does again what this run has done."))) {
      note("not released");
      return aborted;
    }
  }
  const answer = await store.release(seen);
  if (!answer.applied && !isReleased(answer.record, seen))
    throw new Refusal("not released: its record has changed meanwhile; inspect it again");
  return given.flag("json")
    ? sayJson({ ...record, status: "released", releasedFrom: record.status })
    : say(`released: ${record.operation} ${record.keyHash} (it was ${record.status})`);
}

/** Our own release, the answer to which was lost; or that of somebody else, who wanted the same. */
function isReleased(now: StoredRecord | undefined, seen: StoredRecord): boolean {
  return now?.status === "released" && now.owner === seen.owner && now.attempt === seen.attempt;
}
