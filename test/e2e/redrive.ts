// The dead letters of the deployed app come back by its redrive function: what is done stays done, and what failed for good is asked once more.
import { expect } from "vitest";
import type { RedrivePlan, RedriveReport } from "../../src/redrive/index.ts";
import { until } from "../support/until.ts";
import type { Stage } from "./stage.ts";
import type { Drive, Line } from "./step.ts";

const bodyOf = (orderId: string, card: string, amount = 500) => JSON.stringify({ orderId, card, amount });
const declined = bodyOf("batch-3", "tok_declined");
const changed = bodyOf("changed", "tok_visa", 50_000);

/** After all else: the orders' dead-letter queue has the one that was declined, and the one whose amount had changed. */
export async function redriveOrders({ stage }: Drive): Promise<Line> {
  // As where the answer of a batch is lost again and again.
  await stage.putDeadLetter("Orders", { body: { orderId: "thrice", card: "tok_visa", amount: 500 }, key: "thrice" });
  const plan = (await stage.redrive("Orders", {})) as RedrivePlan;
  const decisions = plan.entries.map(({ record, decision }) => `${record} ${decision}`).toSorted();
  expect([plan.complete, decisions]).toEqual([true, ["completed discard", "completed leave", "failed release"]]);
  expect(await deadOrders(stage)).toHaveLength(3);

  const { redriven, released, left, failed, ...report } = (await stage.redrive("Orders", { dryRun: false })) as RedriveReport;
  expect({ redriven, released, left: left.length, failed }).toEqual({ redriven: 2, released: 1, left: 1, failed: [] });
  expect(report.stopped).toBeUndefined();
  const dead = await until("the declined order is dead again", async () => {
    const bodies = await deadOrders(stage);
    return bodies.length === 2 && (await stage.ledger("batch-3")).calls === 2 ? bodies : undefined;
  });
  expect(dead).toEqual([declined, changed].toSorted());
  await until("the queue is empty", async () => ((await stage.messagesIn("Orders")) === 0 ? true : undefined));
  const [done, again] = [await stage.ledger("thrice"), await stage.ledger("batch-3")];
  expect([done.calls, done.charges, again.calls, again.charges]).toEqual([1, 1, 2, 0]);
  return {
    called: 'Invoke {}, Invoke { "dryRun": false }',
    read: `plan: ${decisions.join(", ")}; redriven ${redriven}, released ${released}, left ${left.length}; done before: calls ${done.calls}, charges ${done.charges}; declined before: calls ${again.calls}; dead letters ${dead.length}`,
  };
}

async function deadOrders(stage: Stage): Promise<readonly string[]> {
  return (await stage.deadLetters("Orders")).toSorted();
}
