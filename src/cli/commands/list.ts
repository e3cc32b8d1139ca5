import { paginateScan } from "@aws-sdk/client-dynamodb";
import { messageOf } from "../../core/errors.ts";
import type { RecordId } from "../../core/record.ts";
import { toFailure } from "../../dynamodb/failures.ts";
import { fromItem, type Item } from "../../dynamodb/item.ts";
import { claimSortKey, partitionKey, sortKey } from "../../dynamodb/table.ts";
import { type Table, tableOf } from "../aws.ts";
import type { Given } from "../command.ts";
import { note, say, sayJson, tableFor } from "../output.ts";
import { operationOf, type Shown, shown, type StatusWord } from "../records.ts";

/** All but the result, which may be large. */
const asked = [
  partitionKey,
  "v",
  "status",
  "owner",
  "attempt",
  "leaseUntil",
  "expiresAt",
  "startedAt",
  "completedAt",
  "encoding",
  "error",
  "requestId",
  "messageId",
];

export async function run(given: Given): Promise<number> {
  const operation = operationOf(given);
  const words = (["lapsed", "held", "failed"] as const).filter((word) => given.flag(word));
  const table = tableOf(given);
  note(`reading the whole table ${table.name}: a Scan costs as much as the table is large`);
  const { records, strangers } = await recordsOf(table, operation, words);
  for (const reason of strangers) note(`not shown: ${reason}`);
  if (given.flag("json")) return sayJson(records);
  if (records.length === 0) return say(`no records of "${operation}"${words.length > 0 ? ` that are ${words.join(" or ")}` : ""}`);
  return say(listed(records));
}

interface Found {
  readonly records: readonly Shown[];
  /** Why items were left out that this build cannot read, each reason once. */
  readonly strangers: ReadonlySet<string>;
}

async function recordsOf(table: Table, operation: string, words: readonly StatusWord[]): Promise<Found> {
  const records: Shown[] = [];
  const strangers = new Set<string>();
  for await (const item of claimsOf(table, operation)) {
    const id: RecordId = { operation, keyHash: (item[partitionKey]?.S ?? "").slice(operation.length + 1) };
    try {
      const record = shown(id, fromItem(id, item), Date.now());
      if (words.length === 0 || words.includes(record.status)) records.push(record);
    } catch (error) {
      strangers.add(messageOf(error));
    }
  }
  return { records: records.toSorted((one, other) => ((one.startedAt ?? "") < (other.startedAt ?? "") ? -1 : 1)), strangers };
}

async function* claimsOf({ client, name: TableName }: Table, operation: string): AsyncGenerator<Item> {
  const pages = paginateScan(
    { client },
    {
      TableName,
      FilterExpression: `begins_with(#${partitionKey}, :prefix) AND #${sortKey} = :claim`,
      ProjectionExpression: asked.map((name) => `#${name}`).join(),
      ExpressionAttributeNames: Object.fromEntries([...asked, sortKey].map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: { ":prefix": { S: `${operation}#` }, ":claim": { S: claimSortKey } },
    },
  );
  try {
    for await (const { Items = [] } of pages) yield* Items;
  } catch (error) {
    throw toFailure(error, "Scan", TableName);
  }
}

function listed(records: readonly Shown[]): string {
  const head = ["keyHash", "status", "attempt", "started", "lease until", "expires", "error", "requestId", "messageId"];
  const rows = records.map(({ keyHash, status, attempt, startedAt, leaseUntil, expiresAt, error, requestId, messageId }) => [
    keyHash,
    status,
    attempt,
    startedAt,
    leaseUntil,
    expiresAt,
    error?.name,
    requestId,
    messageId,
  ]);
  return `${tableFor(process.stdout, head, rows)}\n${records.length === 1 ? "1 record" : `${records.length} records`}`;
}
