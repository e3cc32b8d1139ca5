// A redrive makes a new message of each: what a key must outlive. Both engines, each with its own move task, beside DynamoDB Local.
import { expect, it } from "vitest";
import { describeOnSqs } from "../../support/sqs-suites.ts";
import { suiteDynamodb } from "../../support/suite-dynamodb.ts";
import { type KeyFrom, maxReceiveCount, type MovedBy, redrive, type RedriveOptions, type Step } from "./redrive.ts";

const dynamodb = suiteDynamodb();

const queues = [
  { queue: "standard", fifo: false },
  { queue: "FIFO", fifo: true },
];
const keys: readonly { keyFrom: KeyFrom; runs: number }[] = [
  { keyFrom: "messageId", runs: 2 },
  { keyFrom: "the producer", runs: 1 },
  { keyFrom: "an SNS envelope", runs: 1 },
];
const ways: readonly MovedBy[] = ["move task", "resend"];
const cases = ways.flatMap((movedBy) => queues.flatMap((queue) => keys.map((key) => ({ movedBy, ...queue, ...key }))));

/**
 * Where ElasticMQ's move task does not what AWS documents (test/engines/sqs-differences.test.ts pins it): a moved message keeps its
 * id, so that its key survives, and of a FIFO queue none is moved.
 */
const unlikeAws = cases.filter(({ movedBy, fifo, keyFrom }) => movedBy === "move task" && (fifo || keyFrom === "messageId"));

describeOnSqs("a finished message that was redriven", (engine) => {
  const play = (options: Pick<RedriveOptions, "fifo" | "keyFrom" | "movedBy">) =>
    redrive({ client: engine.client, dynamodb: dynamodb(), ...options });

  const asAws = engine.name === "ElasticMQ" ? cases.filter((one) => !unlikeAws.includes(one)) : cases;
  it.concurrent.for(asAws)("$queue queue, $movedBy, key from $keyFrom: the work is done $runs ×", async ({ runs, ...options }) => {
    const { steps, effects, records, left } = await play(options);
    const [first, redriven] = [idIn(steps[0]), idIn(steps.at(-1))];
    const last = { kind: "delivered", messageId: redriven, receiveCount: 1, ran: runs === 2, isAnswerLost: false };
    expect(steps).toEqual([...untilDead(first), { kind: "redriven", moved: 1 }, last]);
    const keepsId = engine.name === "ElasticMQ" && options.movedBy === "move task";
    expect(redriven === first).toBe(keepsId);
    expect({ effects, records, left }).toEqual({ effects: runs, records: runs, left: 0 });
  });
});

/** Done at the first delivery, answered from the record at the next; the batch's answer never arrives. */
function untilDead(messageId: string): Step[] {
  const delivered = { kind: "delivered", messageId, isAnswerLost: true } as const;
  return [
    { kind: "sent", messageId },
    { ...delivered, receiveCount: 1, ran: true },
    { ...delivered, receiveCount: maxReceiveCount, ran: false },
    { kind: "dead", messageId },
  ];
}

function idIn(step: Step | undefined): string {
  return step !== undefined && "messageId" in step ? step.messageId : "";
}
