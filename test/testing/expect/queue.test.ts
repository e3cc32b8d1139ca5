import type { SQSClient } from "@aws-sdk/client-sqs";
import { describe, it } from "vitest";
import { idempotentSqs, PermanentError } from "../../../src/sqs/index.ts";
import type { SqsOptions } from "../../../src/sqs/options.ts";
import { events as aws } from "../../../src/testing/events/builders.ts";
import { expectIdempotent, type MakeHandler } from "../../../src/testing/expect/expect-idempotent.ts";

const operation = "charge";
/** Takes every change of visibility. */
const sqs = { send: async () => ({ QueueUrl: "url" }) } as unknown as SQSClient;
const key = ({ body }: { body: string }): string => body;

describe("messages that were sent after the first of January 2026", () => {
  const events = [aws.sqs(["order-1", "order-2"], { atMs: Date.UTC(2026, 10, 1) }), aws.sqs(["order-3"])];

  it.for<[string, Pick<SqsOptions, "onError">, new (message: string) => Error]>([
    ["kept by policy", { onError: "keep" }, RangeError],
    ["a PermanentError", {}, PermanentError],
  ])("a failure is no older than its message: %s", async ([, policy, Failure]) => {
    const done: string[] = [];
    const makeHandler: MakeHandler = ({ store }) =>
      idempotentSqs(
        ({ body }) => {
          done.push(body);
          if (body === "order-2") throw new Failure("no funds");
        },
        { store, operation, key, sqs, ...policy },
      );
    await expectIdempotent(makeHandler, { events, effects: () => done, schedules: 30 });
  });
});
