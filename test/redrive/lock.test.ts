// One run at a time for a dead-letter queue, whatever it is called, and one process at a time for a run.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { countsOf } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { interceptedClient } from "../support/sqs-faults.ts";
import { byId, deadOrders, keyed } from "./orders.ts";

const folder = mkdtempSync(join(tmpdir(), "lambda-once-redrive-"));
afterAll(() => rmSync(folder, { recursive: true }));

describeOnSqs("a run under way", (engine) => {
  it.concurrent("refuses another one, by another URL of the same queue too", async () => {
    const { client, endpoint } = engine;
    const orders = await deadOrders(client, [keyed("a"), keyed("b")]);
    const otherUrl = orders.dlqUrl.replace(/\/\/[^/]+/, "//sqs.example.com");
    const [plan, other] = [await orders.plan(), await orders.plan({ deadLetterQueueUrl: otherUrl })];
    let refusal: unknown;
    const sqs = interceptedClient(endpoint, async (name, input, send) => {
      if (name === "SendMessageBatch") refusal ??= await orders.apply(other).catch((error: unknown) => error);
      return send(input);
    });
    expect(await orders.apply(plan, { sqs })).toMatchObject({ redriven: 2 });
    expect(refusal).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringMatching(/^another run brings/) as unknown });
  });

  it.concurrent("ends when another process goes on with it: nothing is done twice", async () => {
    const { client } = engine;
    const bodies = [..."01234"];
    const orders = await deadOrders(client, [...bodies.map((body) => keyed(body)), byId("by id")]);
    await orders.had(["0"], "done");
    const plan = await orders.plan();
    const journal = join(folder, `${crypto.randomUUID()}.jsonl`);
    let second: ReturnType<typeof orders.apply> | undefined;
    const goOn = (): void => {
      second ??= orders.apply(plan, { journal });
    };
    const first = await orders.apply(plan, { journal, ratePerSecond: 1, onProgress: goOn });
    expect(first.stopped).toMatch(/does not own its key any more/);
    expect(await second).toMatchObject({ redriven: 6, left: [], failed: [] });
    expect((await countsOf(client, orders.dlqUrl)).visible).toBe(0);
    await orders.consume();
    expect(Object.fromEntries(orders.effects)).toEqual(Object.fromEntries([...bodies, "by id"].map((body) => [body, 1])));
  });
});
