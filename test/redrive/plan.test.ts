// What a plan says of each dead letter, on both engines: keys of the runtime, records that the runtime has written.
import { type SendMessageBatchRequestEntry, type SQSClient } from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { memoryStore } from "../../src/memory/store.ts";
import { planRedrive, type PlanOptions } from "../../src/redrive/plan.ts";
import { idempotentSqs, PermanentError } from "../../src/sqs/index.ts";
import { deadLetters } from "../support/dead-letters.ts";
import { countsOf, receive } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { until } from "../support/until.ts";

const keyed = (key: string, body = key): Omit<SendMessageBatchRequestEntry, "Id"> => ({
  MessageBody: body,
  MessageAttributes: { "idempotency-key": { DataType: "String", StringValue: key } },
});

describeOnSqs("a plan", (engine) => {
  const plan = (client: SQSClient, dlqUrl: string, options: Partial<PlanOptions> = {}) =>
    planRedrive({ deadLetterQueueUrl: dlqUrl, store: memoryStore(), operation: "orders", sqs: client, ...options });

  it("knows what is done, what failed for good, what was never begun, and what is running", async () => {
    const { client } = engine;
    const store = memoryStore();
    const { dlqUrl, arn } = await deadLetters(client, [
      keyed("done"),
      keyed("poison"),
      keyed("fresh"),
      keyed("other", "changed"),
      { MessageBody: "by id" },
    ]);
    const handler = idempotentSqs(
      ({ body }) => {
        if (body === "poison") throw new PermanentError("no");
      },
      { store, operation: "orders", sqs: client },
    );
    const record = (key: string) => ({
      messageId: key,
      body: key,
      messageAttributes: { "idempotency-key": { dataType: "String", stringValue: key } },
      eventSourceARN: arn,
      attributes: {},
    });
    const context = { awsRequestId: "a", functionName: "f", getRemainingTimeInMillis: () => 5000 };
    await handler({ Records: ["done", "poison", "other"].map(record) } as never, context);
    const { entries, complete } = await plan(client, dlqUrl, { store });
    expect(complete).toBe(true);
    const rows = await Promise.all(entries.map(async (entry) => [entry.record, entry.decision, entry.reason] as const));
    expect(rows.map(([record, decision]) => `${record} ${decision}`).sort()).toEqual([
      "completed discard",
      "completed leave",
      "failed release",
      "none redrive",
      "none redrive",
    ]);
    expect(entries.every(({ sourceQueueArn }) => sourceQueueArn === arn)).toBe(true);
    await until("all are visible again", async () => ((await countsOf(client, dlqUrl)).visible === 5 ? true : undefined));
    expect(await receive(client, dlqUrl)).toHaveLength(5);
  });

  it("refuses a queue that is nobody's dead-letter queue, and one that does not exist", async () => {
    const { client } = engine;
    const { url } = await deadLetters(client, []);
    await expect(plan(client, url)).rejects.toMatchObject({ code: "CONFIG_INVALID", path: "deadLetterQueueUrl" });
    await expect(plan(client, `${url}-none`)).rejects.toMatchObject({ code: "CONFIG_INVALID", path: "deadLetterQueueUrl" });
  });
});
