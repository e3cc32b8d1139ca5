import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { KeptError } from "../core/errors.ts";
import { nameOf, type RecordId, recordVersion, type Status, type StoredRecord } from "../core/record.ts";
import { StoreFailure } from "../core/store.ts";
import { claimSortKey, partitionKey, sortKey, versionAttribute } from "./table.ts";

export type Item = Record<string, AttributeValue>;

type Write<T> = (value: T) => AttributeValue | undefined;
type Writes<T> = { readonly [Name in keyof T]-?: Write<Exclude<T[Name], undefined>> };

const statuses = { in_progress: true, completed: true, failed: true, held: true, released: true } satisfies Record<Status, true>;

const errorAttributes: Writes<KeptError> = {
  name: text,
  message: text,
  statusCode: foreignNumber,
  code: (value) => (typeof value === "number" ? foreignNumber(value) : text(value)),
};

/** How each member of a record is written; its attribute has the same name. */
const attributes: Writes<Omit<StoredRecord, "id" | "version">> = {
  status: text,
  owner: text,
  attempt: number,
  leaseUntil: number,
  expiresAt: number,
  fingerprint: text,
  encoding: text,
  result: (value) => (typeof value === "string" ? text(value) : { B: value }),
  chunks: number,
  error: (error) => ({ M: write(errorAttributes, error, {}) }),
  startedAt: number,
  completedAt: number,
  requestId: text,
  messageId: text,
};

/** The primary key of a record's item. */
export function itemKey(id: RecordId): Item {
  return { [partitionKey]: { S: nameOf(id) }, [sortKey]: { S: claimSortKey } };
}

/** A record as an item. */
export function toItem(record: StoredRecord): Item {
  const item = itemKey(record.id);
  item[versionAttribute] = number(record.version);
  return write(attributes, record, item);
}

/** Members of a record as attributes; what is undefined is left out. */
export function toAttributes(record: Partial<StoredRecord>): Item {
  return write(attributes, record, {});
}

/**
 * An item as a record.
 *
 * @throws StoreFailure `misconfigured` for an item that is no record: another program writes to this table.
 */
export function fromItem(id: RecordId, item: Item): StoredRecord {
  const { fingerprint, encoding, result, error, requestId, messageId } = item;
  const version = numberIn(item, versionAttribute);
  const status = statusIn(item);
  const owner = item["owner"]?.S;
  const attempt = numberIn(item, "attempt");
  const leaseUntil = numberIn(item, "leaseUntil");
  const expiresAt = numberIn(item, "expiresAt");
  const whole = status && owner && [attempt, leaseUntil, expiresAt].every((number) => number !== undefined);
  // A newer format may have states and members that this build does not know; its version must still be seen.
  if (version === undefined || (version <= recordVersion && !whole)) {
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
    startedAt: numberIn(item, "startedAt") ?? 0,
    fingerprint: fingerprint?.S,
    encoding: encoding?.S,
    result: result?.S ?? result?.B,
    chunks: numberIn(item, "chunks"),
    error: errorIn(error?.M),
    completedAt: numberIn(item, "completedAt"),
    requestId: requestId?.S,
    messageId: messageId?.S,
  };
}

// One after the other, into one object: this runs several times in each call.
function write<T>(writes: Writes<T>, values: Partial<T>, item: Item): Item {
  for (const name in values) {
    const value = values[name] as Exclude<T[typeof name], undefined> | undefined;
    const attribute = value === undefined ? undefined : writes[name]?.(value);
    if (attribute !== undefined) item[name] = attribute;
  }
  return item;
}

function text(value: string): AttributeValue {
  return { S: value };
}

function number(value: number): AttributeValue {
  return { N: String(value) };
}

/** A number of somebody else's, where DynamoDB can hold it: magnitudes from 1e-130 to 9.9…e+125. */
function foreignNumber(value: number): AttributeValue | undefined {
  const magnitude = Math.abs(value);
  return magnitude === 0 || (magnitude >= 1e-130 && magnitude < 1e126) ? number(value) : undefined;
}

function statusIn(item: Item): Status | undefined {
  const text = item["status"]?.S ?? "";
  return Object.hasOwn(statuses, text) ? (text as Status) : undefined;
}

function numberIn(item: Item, name: string): number | undefined {
  const text = item[name]?.N;
  return text === undefined ? undefined : Number(text);
}

function errorIn(map: Item | undefined): KeptError | undefined {
  if (map === undefined) return undefined;
  const { name, message, code } = map;
  return { name: name?.S ?? "Error", message: message?.S, statusCode: numberIn(map, "statusCode"), code: code?.S ?? numberIn(map, "code") };
}
