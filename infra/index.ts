export { IdempotencyTable } from "./idempotency-table.ts";
export type { BindOptions, IdempotencyTableAttributes, IdempotencyTableProps } from "./table-props.ts";
export type { TableAlarmOptions } from "./table-alarms.ts";
export type { IdempotentQueueConsumerProps } from "./consumer-props.ts";
export { IdempotentQueueConsumer } from "./idempotent-queue-consumer.ts";
