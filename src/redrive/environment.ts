// The names that construct and handler share.

/** The environment variable that names the dead-letter queue, by its URL. */
export const deadLetterQueueVariable = "REDRIVE_DEAD_LETTER_QUEUE_URL";
/** The environment variable that names the queue whose messages are brought back, by its ARN: of a dead-letter queue of several. */
export const sourceQueueVariable = "REDRIVE_SOURCE_QUEUE_ARN";
/** The environment variable that names the operation of the handler whose dead letters they are. */
export const operationVariable = "REDRIVE_OPERATION";

/** What a redrive asks of the dead-letter queue. */
export const deadLetterQueueActions = [
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:ChangeMessageVisibility",
  "sqs:GetQueueAttributes",
  "sqs:ListDeadLetterSourceQueues",
  "sqs:ListMessageMoveTasks",
] as const;
