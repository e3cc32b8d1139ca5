export type { LambdaContext, SQSBatchResponse, SQSEvent, SQSMessageAttribute, SQSRecord, SQSRecordAttributes } from "./event.ts";
export { idempotentSqs, type SqsRecord } from "./idempotent-sqs.ts";
export { messageKey } from "./message-key.ts";
export type { SqsOptions } from "./options.ts";
export { PermanentError } from "./permanent-error.ts";
export { type SendMessageInput, withIdempotencyKey } from "./producer.ts";
export type { StandardSchemaV1 } from "./schema.ts";
