import type { AttributeValue, PutItemCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { expiryAfter } from "../core/lease.ts";
import type { StoredRecord } from "../core/record.ts";
import { claimedRecord, type ClaimRef, type ClaimRequest } from "../core/store.ts";
import { type Item, itemKey, toAttributes, toItem } from "./item.ts";
import { attributes as names, partitionKey } from "./table.ts";

// Which condition covers which moment of a record's life:
//
//   claim ───────────▶ lease ends ───margin───▶ lapsed ───────────▶ expiresAt ───days───▶ deleted by TTL
//   ├ attribute_not_exists(pk): refused, until the item is really gone ──────────────────┤ applied
//   ├ owner = :me AND status = in_progress: its owner's writes, also after its lease, until somebody takes over
//   └ as seen (owner, attempt, lease, status, expiry): a newcomer's takeover, of the very record that was judged

/** A conditional write, ready to be sent to a table. */
export type Write<Input> = Omit<Input, "TableName">;

interface Condition {
  readonly text: string;
  /** Attributes that the condition names, with the values that it compares them to. */
  readonly values: Item;
}

const ownCondition = comparing(names.owner, names.status);
const seenCondition = comparing(names.owner, names.attempt, names.leaseUntil, names.status, names.expiresAt);

export function claimInput(request: ClaimRequest): Write<PutItemCommandInput> {
  return putIfAbsent(claimedRecord(request, 1));
}

export function takeOverInput(seen: StoredRecord, request: ClaimRequest): Write<PutItemCommandInput> {
  const condition = asSeen(seen);
  return {
    Item: toItem(claimedRecord(request, seen.attempt + 1)),
    ConditionExpression: condition.text,
    ExpressionAttributeNames: placeholdersOf(Object.keys(condition.values)),
    ExpressionAttributeValues: addCompared({}, condition),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}

/** Ends a run by an update of its claim, or by a put where the claim was deleted before its owner came back. */
export function settleInput(claim: ClaimRef, ended: Partial<StoredRecord>): Write<UpdateItemCommandInput> {
  return update(claim.id, ended, ownedBy(claim));
}

export function putOutcomeInput(claim: ClaimRef, ended: Partial<StoredRecord>): Write<PutItemCommandInput> {
  return putIfAbsent({ ...claimedRecord(claim, claim.attempt), ...ended });
}

export function extendInput(claim: ClaimRef, leaseUntil: number): Write<UpdateItemCommandInput> {
  const { text, values } = ownedBy(claim);
  const lease = { leaseUntil, expiresAt: expiryAfter(leaseUntil, claim.retentionSeconds) };
  // A lease never moves back: the value that it is compared to is the one that it is set to.
  return update(claim.id, lease, { text: `${text} AND #${names.leaseUntil} < :${names.leaseUntil}`, values });
}

/** An operator's release: the fingerprint goes, so that a corrected payload may run under the key. */
export function releaseInput(seen: StoredRecord): Write<UpdateItemCommandInput> {
  const input = update(seen.id, { status: "released" }, asSeen(seen));
  return {
    ...input,
    UpdateExpression: `${input.UpdateExpression} REMOVE #${names.fingerprint}`,
    ExpressionAttributeNames: { ...input.ExpressionAttributeNames, [`#${names.fingerprint}`]: names.fingerprint },
  };
}

function putIfAbsent(record: StoredRecord): Write<PutItemCommandInput> {
  return {
    Item: toItem(record),
    ConditionExpression: `attribute_not_exists(${partitionKey})`,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}

function update(id: StoredRecord["id"], changes: Partial<StoredRecord>, condition: Condition): Write<UpdateItemCommandInput> {
  const set = toAttributes(changes);
  const { UpdateExpression, ExpressionAttributeNames } = settingOf(Object.keys(set), condition);
  const ExpressionAttributeValues: Item = {};
  for (const name in set) ExpressionAttributeValues[`:${name}`] = set[name] as AttributeValue;
  addCompared(ExpressionAttributeValues, condition);
  return {
    Key: itemKey(id),
    UpdateExpression,
    ConditionExpression: condition.text,
    ExpressionAttributeNames,
    ExpressionAttributeValues,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}

// The texts of an update are the same for each of its kind, and there are few kinds.
const settings = new Map<string, Pick<Write<UpdateItemCommandInput>, "UpdateExpression" | "ExpressionAttributeNames">>();

function settingOf(set: readonly string[], { text, values }: Condition): NonNullable<ReturnType<typeof settings.get>> {
  const kind = `${set.join()} ${text}`;
  const known = settings.get(kind);
  if (known !== undefined) return known;
  const setting = {
    UpdateExpression: `SET ${set.map((name) => `#${name} = :${name}`).join(", ")}`,
    ExpressionAttributeNames: placeholdersOf([...set, ...Object.keys(values)]),
  };
  settings.set(kind, setting);
  return setting;
}

function ownedBy({ owner }: ClaimRef): Condition {
  return { text: ownCondition, values: toAttributes({ owner, status: "in_progress" }) };
}

function asSeen({ owner, attempt, leaseUntil, status, expiresAt }: StoredRecord): Condition {
  return { text: seenCondition, values: toAttributes({ owner, attempt, leaseUntil, status, expiresAt }) };
}

function addCompared(item: Item, { values }: Condition): Item {
  for (const name in values) item[`:seen_${name}`] = values[name] as AttributeValue;
  return item;
}

// By placeholder, all names: `owner`, `status`, `result` and `error` are reserved words.
function placeholdersOf(attributeNames: readonly string[]): Record<string, string> {
  return Object.fromEntries(attributeNames.map((name) => [`#${name}`, name]));
}

function comparing(...compared: readonly string[]): string {
  return compared.map((name) => `#${name} = :seen_${name}`).join(" AND ");
}
