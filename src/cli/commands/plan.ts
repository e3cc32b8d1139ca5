import { planRedrive } from "../../redrive/index.ts";
import { Interrupted, sqsOf, tableOf } from "../aws.ts";
import type { Given } from "../command.ts";
import { untilInterrupted } from "../interrupt.ts";
import { handlerParts } from "../module.ts";
import { aborted, note, say, sayJson } from "../output.ts";
import { writtenTo } from "../plan-file.ts";
import { planText } from "../plan-text.ts";

export async function run(given: Given): Promise<number> {
  const deadLetterQueueUrl = given.required("dlq");
  const operation = given.required("operation");
  const maxMessages = given.wholeNumber("max", 1);
  const out = given.text("out");
  const handler = await handlerParts(given);
  const { store } = tableOf(given);
  const { signal, end } = untilInterrupted(() =>
    note("stopping, and making visible what was seen; once more ends at once, and leaves it in flight for 10 minutes at most"),
  );
  const made = () => planRedrive({ deadLetterQueueUrl, operation, store, ...handler, maxMessages, sqs: sqsOf(signal) });
  try {
    const plan = await (out === undefined ? made() : writtenTo(out, made));
    if (given.flag("json")) return sayJson(plan);
    say(planText(process.stdout, plan));
    return out === undefined
      ? say("\nNothing was moved. --out FILE keeps a plan, which redrive apply carries out.")
      : say(`\n${whatNext(given, out)}`);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    note("stopped; there is no plan");
    return aborted;
  } finally {
    end();
  }
}

function whatNext(given: Given, out: string): string {
  const handler = (["key-from", "fingerprint-from", "on-lease-expired", "table"] as const).flatMap((name) => {
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
