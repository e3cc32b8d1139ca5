import { existsSync } from "node:fs";
import { applyRedrive, type ApplyOptions, type RedrivePlan, type RedriveReport } from "../../redrive/index.ts";
import { checkBulk } from "../../redrive/bulk.ts";
import { isConfirmed, needTerminal } from "../ask.ts";
import { Interrupted, sqsOf, tableOf } from "../aws.ts";
import type { Given } from "../command.ts";
import { untilInterrupted } from "../interrupt.ts";
import { handlerParts } from "../module.ts";
import { aborted, done, left, note, say, sayJson } from "../output.ts";
import { readPlan } from "../plan-file.ts";
import { decisionTable, incomplete, reportText } from "../plan-text.ts";
import { barOf, progressOn } from "../progress.ts";

/** What a person agrees to. */
interface Wanted {
  readonly journal: string;
  readonly mode: "selective" | "bulk";
  readonly ratePerSecond: number;
  readonly discardDuplicates: boolean;
  readonly releaseLapsed: boolean;
}

export async function run(given: Given): Promise<number> {
  const path = given.required("plan");
  const wanted = wantedBy(given);
  const plan = readPlan(path);
  if (wanted.mode === "bulk") checkBulk(plan, wanted.discardDuplicates); // nobody is asked about what cannot be
  const handler = await handlerParts(given);
  const { store } = tableOf(given);
  const isJson = given.flag("json");
  if (!given.flag("yes")) needTerminal();

  const summary = whatWillHappen(isJson ? process.stderr : process.stdout, plan, wanted);
  if (isJson) note(summary);
  else say(summary);
  if (!given.flag("yes") && !(await isConfirmed("Go on?"))) {
    note("nothing was moved");
    return aborted;
  }
  const report = await applied(plan, { store, ...handler, ...wanted });
  if (report === undefined) {
    note("stopped; nothing was moved");
    return aborted;
  }
  if (isJson) sayJson(report);
  else say(`\n${reportText(process.stdout, report)}`);
  return exitCode(report);
}

function wantedBy(given: Given): Wanted {
  return {
    journal: given.required("journal"),
    mode: given.oneOf("mode", "selective", "bulk") ?? "selective",
    ratePerSecond: given.wholeNumber("rate", 1, 500) ?? 10,
    discardDuplicates: given.flag("discard-duplicates"),
    releaseLapsed: given.flag("release-lapsed"),
  };
}

function whatWillHappen(stream: NodeJS.WriteStream, plan: RedrivePlan, { journal, mode, ratePerSecond, ...flags }: Wanted): string {
  const { deadLetterQueueUrl, createdAt, runId, entries, complete } = plan;
  const how = mode === "bulk" ? "bulk, by a move task of SQS's own" : "selective, one by one";
  return [
    `Dead letters of ${deadLetterQueueUrl}`,
    `Plan of ${createdAt}, run ${runId}`,
    `Mode: ${how}; at most ${ratePerSecond} a second`,
    `Journal: ${journal}${existsSync(journal) ? ", which is there: the run goes on where it ended" : ""}`,
    ...(flags.releaseLapsed ? ["Keys of runs that ended without an answer are freed (--release-lapsed)"] : []),
    "",
    decisionTable(stream, entries, flags.discardDuplicates),
    ...(complete ? [] : ["", incomplete]),
  ].join("\n");
}

/** None where it was told to stop before anything moved. */
async function applied(
  plan: RedrivePlan,
  options: Omit<ApplyOptions, "sqs" | "signal" | "onProgress">,
): Promise<RedriveReport | undefined> {
  const progress = progressOn(process.stderr);
  const { signal, end } = untilInterrupted(() => {
    progress.end();
    note("stopping after the messages in hand; once more ends at once");
  });
  try {
    // A move task is looked at to its end, so that what it has moved is known.
    const sqs = sqsOf(options.mode === "bulk" ? undefined : signal);
    return await applyRedrive(plan, { ...options, sqs, signal, onProgress: (at) => progress.show(barOf(at)) });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return undefined;
  } finally {
    progress.end();
    end();
  }
}

function exitCode({ stopped, left: stays, failed }: RedriveReport): number {
  if (stopped !== undefined) return aborted;
  return stays.length + failed.length > 0 ? left : done;
}
