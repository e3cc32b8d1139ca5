// The names that table, construct and runtime share.

/** The environment variable that names the table. */
export const tableNameVariable = "IDEMPOTENCY_TABLE";

export const partitionKey = "pk";
export const sortKey = "sk";
/** The TTL attribute, epoch seconds. */
export const timeToLiveAttribute = "expiresAt";

/** Sort key of the item that is a key's claim and record. */
export const claimSortKey = "claim";
/** Sort key of the items that hold a large result; each has a partition key of its own. */
export const resultSortKey = "result";

/** The attributes of a claim item beside its keys. */
export const attributes = {
  version: "v",
  status: "status",
  owner: "owner",
  attempt: "attempt",
  leaseUntil: "leaseUntil",
  expiresAt: "expiresAt",
  fingerprint: "fingerprint",
  encoding: "encoding",
  result: "result",
  chunks: "chunks",
  error: "error",
  startedAt: "startedAt",
  completedAt: "completedAt",
  requestId: "requestId",
  messageId: "messageId",
} as const;

/** All that the runtime does to the table; least privilege grants exactly these. */
export const runtimeActions = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:GetItem", "dynamodb:BatchGetItem"] as const;
