// A handler all of whose messages fail, and come back at once.
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { IdempotencyEvent } from "../../src/index.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { idempotentSqs, PermanentError, type SQSEvent } from "../../src/sqs/index.ts";
import { events } from "../../src/testing/index.ts";
import { testClock } from "../support/clock.ts";
import { silencedErrors } from "./consumer.ts";

const failing = () => Promise.reject(new PermanentError("never"));

/** The handler, and what it told of changes that did not work. */
export function failingOn(sqs: SQSClient | undefined, clock = testClock()) {
  silencedErrors();
  const told: IdempotencyEvent[] = [];
  const onEvent = (event: IdempotencyEvent) => void (event.type === "visibility_unchanged" && told.push(event));
  const handler = idempotentSqs(failing, { store: memoryStore({ clock }), operation: "charge", onEvent, sqs });
  return { handler, told, clock, errors: () => told.map((event) => (event as { error: Error & { Id?: string } }).error) };
}
export const batchOf = (count: number, queueArn?: string) =>
  events.sqs(
    Array.from({ length: count }, (_, i) => `message ${i}`),
    { queueArn },
  );
/** The answer that names them all. */
export const allOf = ({ Records }: SQSEvent) => ({ batchItemFailures: Records.map(({ messageId }) => ({ itemIdentifier: messageId })) });
