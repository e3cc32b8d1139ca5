import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";

/** A record as its item holds it: attributes, no interpretation. */
export interface RecordItem {
  readonly operation: string;
  readonly keyHash: string;
  readonly status: string;
  readonly attempt: number;
  readonly encoding?: string;
  readonly result?: string | Uint8Array;
  /** Epoch milliseconds. */
  readonly leaseUntil: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** All records of the table. A scan: good for a demo's table, and for nobody else's. */
export async function readRecords(client: DynamoDBClient, tableName: string): Promise<RecordItem[]> {
  const records: RecordItem[] = [];
  for await (const { Items = [] } of paginateScan(
    { client: DynamoDBDocumentClient.from(client) },
    { TableName: tableName, ConsistentRead: true },
  )) {
    for (const item of Items) {
      const [operation = "", keyHash = ""] = String(item["pk"]).split("#");
      if (item["sk"] === "claim") records.push({ ...(item as RecordItem), operation, keyHash });
    }
  }
  return records;
}
