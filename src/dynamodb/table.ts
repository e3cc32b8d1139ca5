// The names that table, construct and runtime share.

/** The environment variable that names the table. */
export const tableNameVariable = "IDEMPOTENCY_TABLE";
/** The environment variable that tells the retention, in seconds, where the code does not; read by `src/core/resolve.ts`. */
export const retentionVariable = "IDEMPOTENCY_RETENTION_SECONDS";

export const partitionKey = "pk";
export const sortKey = "sk";
/** The TTL attribute, epoch seconds. */
export const timeToLiveAttribute = "expiresAt";

/** Sort key of the item that is a key's claim and record. */
export const claimSortKey = "claim";
/** Sort key of the items that hold a large result; each has a partition key of its own. */
export const resultSortKey = "result";

/** The record format. Every other attribute of a claim item has the name of the record's member that it holds. */
export const versionAttribute = "v";
/** A result, or a part of one in an item beside its record. */
export const resultAttribute = "result";

/** All that the runtime does to the table; least privilege grants exactly these. */
export const runtimeActions = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:GetItem", "dynamodb:BatchGetItem"] as const;
/** What looking at records needs. */
export const inspectActions = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Scan"] as const;
/** What a redrive does to the table. */
export const redriveActions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"] as const;
