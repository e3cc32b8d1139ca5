// The consumer of the shipments' FIFO queue, whose groups are the customers: charges each shipment's fee once, in order.
// Environment: IDEMPOTENCY_TABLE, LEDGER_TABLE. ReportBatchItemFailures must be on in its event source mapping.
import { currentExecution } from "lambda-once";
import { dynamodbStore } from "lambda-once/dynamodb";
import { emfMetrics } from "lambda-once/metrics";
import { idempotentSqs, type SqsRecord } from "lambda-once/sqs";
import * as z from "zod";
import { finalIfDeclined } from "./declined.ts";
import { logRun } from "./log.ts";
import { charge } from "./provider.ts";

const Shipment = z.object({
  customer: z.string().min(1),
  number: z.int().positive(),
  card: z.string().min(1),
  fee: z.int().positive(),
});
type Shipment = z.infer<typeof Shipment>;

export const handler = idempotentSqs(
  async ({ data: { customer, number, card, fee } }: SqsRecord<Shipment>) => {
    const account = `shipments#${customer}`;
    const reference = `${account}#${number}`;
    logRun(reference);
    await charge({ reference, account, card, amount: fee, signal: currentExecution().signal }).catch(finalIfDeclined);
  },
  { store: dynamodbStore(), operation: "shipments", schema: Shipment, onEvent: emfMetrics() },
);
