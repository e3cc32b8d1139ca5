import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { KeptError } from "../core/errors.ts";
import { nameOf, type RecordId, recordVersion, type Status, type StoredRecord } from "../core/record.ts";
import { StoreFailure } from "../core/store.ts";
import { attributes as names, claimSortKey, partitionKey, sortKey } from "./table.ts";

export type Item = Record<string, AttributeValue>;

const statuses = { in_progress: true, completed: true, failed: true, held: true, released: true } satisfies Record<Status, true>;

/** The primary key of a record's item. */
export function itemKey(id: RecordId): Item {
  return { [partitionKey]: { S: nameOf(id) }, [sortKey]: { S: claimSortKey } };
}

/** A record as an item. */
export function toItem(record: StoredRecord): Item {
  return addAttributes(itemKey(record.id), record);
}

/** Members of a record as attributes; what is undefined is left out. */
export function toAttributes(record: Partial<StoredRecord>): Item {
  return addAttributes({}, record);
}

// One after the other, into one object: this runs several times in each call.
function addAttributes(item: Item, record: Partial<StoredRecord>): Item {
  if (record.version !== undefined) item[names.version] = number(record.version);
  if (record.status !== undefined) item[names.status] = string(record.status);
  if (record.owner !== undefined) item[names.owner] = string(record.owner);
  if (record.attempt !== undefined) item[names.attempt] = number(record.attempt);
  if (record.leaseUntil !== undefined) item[names.leaseUntil] = number(record.leaseUntil);
  if (record.expiresAt !== undefined) item[names.expiresAt] = number(record.expiresAt);
  if (record.fingerprint !== undefined) item[names.fingerprint] = string(record.fingerprint);
  if (record.encoding !== undefined) item[names.encoding] = string(record.encoding);
  if (record.result !== undefined) item[names.result] = text(record.result);
  if (record.chunks !== undefined) item[names.chunks] = number(record.chunks);
  if (record.error !== undefined) item[names.error] = errorValue(record.error);
  if (record.startedAt !== undefined) item[names.startedAt] = number(record.startedAt);
  if (record.completedAt !== undefined) item[names.completedAt] = number(record.completedAt);
  if (record.requestId !== undefined) item[names.requestId] = string(record.requestId);
  if (record.messageId !== undefined) item[names.messageId] = string(record.messageId);
  return item;
}

/**
 * An item as a record.
 *
 * @throws StoreFailure `misconfigured` for an item that is no record: another program writes to this table.
 */
export function fromItem(id: RecordId, item: Item): StoredRecord {
  const version = numberIn(item, names.version);
  const status = statusIn(item);
  const owner = item[names.owner]?.S;
  const attempt = numberIn(item, names.attempt);
  const leaseUntil = numberIn(item, names.leaseUntil);
  const expiresAt = numberIn(item, names.expiresAt);
  // A newer format may have states and members that this build does not know; its version must still be seen.
  const newer = version !== undefined && version > recordVersion;
  if (
    version === undefined ||
    (!newer && (!status || !owner || attempt === undefined || leaseUntil === undefined || expiresAt === undefined))
  ) {
    throw new StoreFailure("misconfigured", `the item ${nameOf(id)} is no record of lambda-once: keep its table to itself`, {
      maybeApplied: false,
    });
  }
  return {
    id,
    version,
    status: status ?? "held",
    owner: owner ?? "",
    attempt: attempt ?? 0,
    leaseUntil: leaseUntil ?? 0,
    expiresAt: expiresAt ?? 0,
    startedAt: numberIn(item, names.startedAt) ?? 0,
    fingerprint: item[names.fingerprint]?.S,
    encoding: item[names.encoding]?.S,
    result: item[names.result]?.S ?? item[names.result]?.B,
    chunks: numberIn(item, names.chunks),
    error: errorIn(item[names.error]?.M),
    completedAt: numberIn(item, names.completedAt),
    requestId: item[names.requestId]?.S,
    messageId: item[names.messageId]?.S,
  };
}

function string(value: string): AttributeValue {
  return { S: value };
}

function number(value: number): AttributeValue {
  return { N: String(value) };
}

function errorValue(error: KeptError): AttributeValue {
  const { name, message, statusCode, code } = error;
  return {
    M: {
      name: string(name),
      ...given("message", message, string),
      ...given("statusCode", keptNumber(statusCode), number),
      ...given("code", typeof code === "number" ? keptNumber(code) : code, (value) =>
        typeof value === "number" ? number(value) : string(value),
      ),
    },
  };
}

/** A number of somebody else's, where DynamoDB can hold it: magnitudes from 1e-130 to 9.9…e+125. */
function keptNumber(value: number | undefined): number | undefined {
  const magnitude = Math.abs(value ?? 0);
  return magnitude === 0 || (magnitude >= 1e-130 && magnitude < 1e126) ? value : undefined;
}

function text(value: string | Uint8Array): AttributeValue {
  return typeof value === "string" ? { S: value } : { B: value };
}

function given<T>(name: string, value: T | undefined, write: (value: T) => AttributeValue): Item {
  return value === undefined ? {} : { [name]: write(value) };
}

function statusIn(item: Item): Status | undefined {
  const text = item[names.status]?.S ?? "";
  return Object.hasOwn(statuses, text) ? (text as Status) : undefined;
}

function numberIn(item: Item, name: string): number | undefined {
  const text = item[name]?.N;
  return text === undefined ? undefined : Number(text);
}

function errorIn(map: Item | undefined): KeptError | undefined {
  if (map === undefined) return undefined;
  const code = map["code"]?.S ?? numberIn(map, "code");
  return { name: map["name"]?.S ?? "Error", message: map["message"]?.S, statusCode: numberIn(map, "statusCode"), code };
}
