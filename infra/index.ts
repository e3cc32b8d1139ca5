export { IdempotencyTable, type BindOptions, type IdempotencyTableAttributes, type IdempotencyTableProps } from "./idempotency-table.ts";
export type { TableAlarmOptions } from "./table-alarms.ts";
export type { IdempotentQueueConsumerProps } from "./consumer-props.ts";
export { IdempotentQueueConsumer } from "./idempotent-queue-consumer.ts";
