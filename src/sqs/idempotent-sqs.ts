import { theFunction } from "../core/check.ts";
import { contextLeftMs } from "../lambda/context.ts";
import { clockOf, reporter } from "../lambda/prepare.ts";
import { deliverBatch, timeUp } from "./batch.ts";
import { deliverer } from "./deliver.ts";
import { type LambdaContext, recordsOf, type SQSBatchResponse, type SQSEvent, type SQSRecord } from "./event.ts";
import { oncePerKey } from "./once-per-key.ts";
import { notStarted } from "./outcome.ts";
import { resolveSqsOptions, type SqsOptions } from "./options.ts";
import { parseBody, type StandardSchemaV1 } from "./schema.ts";
import { visibilityChanger } from "./visibility.ts";

/** A message, and in `data` its body as the schema gives it; undefined without one. */
export type SqsRecord<Data = undefined> = SQSRecord & { data: Data };

/** Data of a type of its own comes from a schema, or it would be a promise that nobody keeps. */
type SchemaFor<Data> = undefined extends Data ? unknown : { schema: StandardSchemaV1<unknown, Data> };

/** How long the change of visibility may take, milliseconds, and what it leaves of the invocation. */
const maxChangeMs = 2000;
const answerMarginMs = 200;

/**
 * Wraps a handler of single messages into the handler of a queue's batches, so that each message runs once per key. It
 * always answers with the messages that are to come back (`ReportBatchItemFailures` must be on in the event source mapping),
 * and never throws for one of them: what a record handler throws, and how many messages there was no time for, is logged with
 * `console.error`.
 *
 * A finished duplicate is deleted without running; one whose key is in progress comes back after the lease; a message that
 * fails comes back after a backoff. `PermanentError` and a body that the schema refuses fail at each delivery, without
 * running again, until the queue moves the message to its dead-letter queue. Messages of a FIFO group run in order, and none
 * after one that failed. `docs/sqs.md` has each outcome.
 *
 * @throws IdempotencyError `CONFIG_INVALID`, here and now, for a wrong option; at the call, before anything runs, for an
 * event that is none of SQS.
 * @example
 * export const handler = idempotentSqs(async (record) => fulfil(record.data), { store: dynamodbStore(), operation: "fulfil", schema: Order });
 */
export function idempotentSqs<Data = undefined, C = LambdaContext>(
  recordHandler: (record: SqsRecord<Data>, context: C) => unknown,
  options: SqsOptions<Data, C> & SchemaFor<Data>,
): (event: SQSEvent, context: C) => Promise<SQSBatchResponse> {
  theFunction(recordHandler, "recordHandler");
  const resolved = resolveSqsOptions<Data, C>(options, process.env);
  const { operation, schema, concurrency, sqs } = resolved;
  const clock = clockOf(resolved);
  const report = reporter(resolved);
  const changeVisibility = visibilityChanger(sqs, clock);
  const deliver = deliverer(resolved, async (record, context: C) => {
    const data = schema === undefined ? undefined : await parseBody(schema, record.body);
    // A copy, since what is answered is read from the message afterwards. Awaited for its end: nobody reads a result.
    await recordHandler({ ...record, data } as SqsRecord<Data>, context);
  });

  return async function idempotentSqsHandler(event, context) {
    const records = recordsOf(event);
    const isTimeUp = timeUp(context);
    const once = oncePerKey(isTimeUp);
    const outcomes = await deliverBatch(records, concurrency, isTimeUp, (record) => deliver(record, context, once));
    const late = outcomes.filter((outcome) => outcome === notStarted).length;
    if (late > 0) {
      console.error(`operation "${operation}": ${late} of ${records.length} messages come back, not started: too little time was left`);
    }
    const comebacks = records.flatMap((record, index) => {
      const outcome = outcomes[index];
      return outcome?.kind === "failed" ? [{ record, visibleAtMs: outcome.visibleAtMs }] : [];
    });
    if (comebacks.length > 0) {
      const errors = await changeVisibility(comebacks, changeMs(context));
      for (const error of errors) report({ type: "visibility_unchanged", error });
    }
    const ids = new Set(comebacks.map(({ record }) => record.messageId));
    return { batchItemFailures: Array.from(ids, (itemIdentifier) => ({ itemIdentifier })) };
  };
}

function changeMs(context: unknown): number {
  const left = contextLeftMs(context) ?? 0;
  // One that says that nothing is left says nothing.
  return left > 0 ? Math.min(maxChangeMs, Math.max(0, left - answerMarginMs)) : maxChangeMs;
}
