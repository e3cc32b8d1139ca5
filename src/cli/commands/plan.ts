import { hashKey } from "../../core/key.ts";
import type { Store } from "../../core/store.ts";
import { planRedrive, type PlanOptions, type RedrivePlan } from "../../redrive/index.ts";
import { Interrupted, sqsOf, tableOf } from "../aws.ts";
import type { Given } from "../command.ts";
import { untilInterrupted } from "../interrupt.ts";
import { handlerParts } from "../module.ts";
import { aborted, note, say, sayJson } from "../output.ts";
import { writtenTo } from "../plan-file.ts";
import { planText } from "../plan-text.ts";
import { progressOn } from "../progress.ts";

export async function run(given: Given): Promise<number> {
  const deadLetterQueueUrl = given.required("dlq");
  const operation = given.required("operation");
  const maxMessages = given.wholeNumber("max", 1);
  const sourceQueueArn = given.text("source-queue");
  const out = given.text("out");
  const handler = await handlerParts(given);
  const { store } = tableOf(given);
  const plan = await planned({ deadLetterQueueUrl, operation, store, ...handler, sourceQueueArn, maxMessages }, out);
  if (plan === undefined) {
    note("stopped; there is no plan");
    return aborted;
  }
  if (given.flag("json")) return sayJson(plan);
  say(planText(process.stdout, plan));
  return out === undefined
    ? say("\nNothing was moved. --out FILE keeps a plan, which redrive apply carries out.")
    : say(`\n${whatNext(given, out)}`);
}

/** None where it was told to stop. */
async function planned(options: Omit<PlanOptions, "sqs" | "onProgress">, out: string | undefined): Promise<RedrivePlan | undefined> {
  const progress = progressOn(process.stderr);
  const { signal, end } = untilInterrupted(() => {
    progress.end();
    note("stopping, and making visible what was seen; once more ends at once, and leaves it in flight for 10 minutes at most");
  });
  const made = async () => {
    const sqs = sqsOf(signal);
    const plan = await planRedrive({ ...options, sqs, onProgress: ({ seen }) => progress.show(`messages seen: ${seen}`) });
    await checkTable(options.store, plan);
    return plan;
  };
  try {
    return await (out === undefined ? made() : writtenTo(out, made));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return undefined;
  } finally {
    progress.end();
    end();
  }
}

// Where no message has asked for its record, nobody knows yet whether there is such a table.
async function checkTable(store: Store, { operation, deadLetterQueueUrl, entries }: RedrivePlan): Promise<void> {
  if (entries.every(({ record }) => record === undefined)) await store.read({ operation, keyHash: hashKey(deadLetterQueueUrl) });
}

function whatNext(given: Given, out: string): string {
  const handler = (["key-from", "fingerprint-from", "on-lease-expired", "retention-seconds", "table"] as const).flatMap((name) => {
    const value = given.text(name);
    return value === undefined ? [] : [`--${name}`, quoted(value)];
  });
  const journal = out.replace(/(\.json)?$/, ".journal");
  const command = ["lambda-once redrive apply --plan", quoted(out), "--journal", quoted(journal), ...handler].join(" ");
  return `Nothing was moved. The plan is in ${out}: read it, set decisions to "leave" where you want, then\n  ${command}`;
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w./:@#-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
