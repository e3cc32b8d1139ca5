// The consumer of the orders' queue: charges each order once, whatever is delivered twice.
// Environment: IDEMPOTENCY_TABLE, LEDGER_TABLE. ReportBatchItemFailures must be on in its event source mapping.
import { currentExecution } from "lambda-once";
import { dynamodbStore } from "lambda-once/dynamodb";
import { emfMetrics } from "lambda-once/metrics";
import { idempotentSqs, type SqsRecord } from "lambda-once/sqs";
import * as z from "zod";
import { finalIfDeclined } from "./declined.ts";
import { logRun } from "./log.ts";
import { charge } from "./provider.ts";

const Order = z.object({ orderId: z.string().min(1), card: z.string().min(1), amount: z.int().positive() });
type Order = z.infer<typeof Order>;

export const handler = idempotentSqs(
  async ({ data: { orderId, card, amount } }: SqsRecord<Order>) => {
    logRun(orderId);
    await charge({ reference: orderId, card, amount, signal: currentExecution().signal }).catch(finalIfDeclined);
  },
  { store: dynamodbStore(), operation: "orders", schema: Order, onEvent: emfMetrics() },
);
