import type { AttributeValue, PutItemCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { expiryAfter } from "../core/lease.ts";
import type { RecordId, StoredRecord } from "../core/record.ts";
import { claimedRecord, type ClaimRef, type ClaimRequest } from "../core/store.ts";
import { type Item, itemKey, toAttributes, toItem } from "./item.ts";
import { partitionKey } from "./table.ts";

// Which condition covers which moment of a record's life:
//
//   claim ───────────▶ lease ends ───margin───▶ lapsed ───────────▶ expiresAt ───days───▶ deleted by TTL
//   ├ attribute_not_exists(pk): refused, until the item is really gone ──────────────────┤ applied
//   ├ owner = :me AND status = in_progress: its owner's writes, also after its lease, until somebody takes over
//   └ as seen (owner, attempt, lease, status, expiry): a newcomer's takeover, of the very record that was judged

/** A conditional write, ready to be sent to a table. */
export type Write<Input> = Omit<Input, "TableName">;

/** The texts of a write, and the names in them. */
type Texts = Required<Pick<UpdateItemCommandInput, "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeNames">>;

export function claimInput(request: ClaimRequest): Write<PutItemCommandInput> {
  return putIfAbsent(claimedRecord(request, 1));
}

export function takeOverInput(seen: StoredRecord, request: ClaimRequest): Write<PutItemCommandInput> {
  const { UpdateExpression: _, ...condition } = where(asSeen(seen), {});
  return { Item: toItem(claimedRecord(request, seen.attempt + 1)), ...condition };
}

/** Ends a run by an update of its claim, or by a put where the claim was deleted before its owner came back. */
export function settleInput(claim: ClaimRef, ended: Partial<StoredRecord>): Write<UpdateItemCommandInput> {
  return update(claim.id, ended, ownedBy(claim));
}

export function putOutcomeInput(claim: ClaimRef, ended: Partial<StoredRecord>): Write<PutItemCommandInput> {
  return putIfAbsent({ ...claimedRecord(claim, claim.attempt), ...ended });
}

export function extendInput(claim: ClaimRef, leaseUntil: number): Write<UpdateItemCommandInput> {
  const input = update(claim.id, { leaseUntil, expiresAt: expiryAfter(leaseUntil, claim.retentionSeconds) }, ownedBy(claim));
  // A lease never moves back: the value that it is compared to is the one that it is set to.
  return { ...input, ConditionExpression: `${input.ConditionExpression} AND #leaseUntil < :leaseUntil` };
}

/** An operator's release: the fingerprint goes, so that a corrected payload may run under the key. */
export function releaseInput(seen: StoredRecord): Write<UpdateItemCommandInput> {
  const input = update(seen.id, { status: "released" }, asSeen(seen));
  return { ...input, UpdateExpression: `${input.UpdateExpression} REMOVE fingerprint` };
}

function putIfAbsent(record: StoredRecord): Write<PutItemCommandInput> {
  return {
    Item: toItem(record),
    ConditionExpression: `attribute_not_exists(${partitionKey})`,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}

function update(id: RecordId, changes: Partial<StoredRecord>, seen: Item): Write<UpdateItemCommandInput> {
  return { Key: itemKey(id), ...where(seen, toAttributes(changes)) };
}

/** Sets attributes, on the condition that others are as seen. */
function where(seen: Item, set: Item): Omit<Write<UpdateItemCommandInput>, "Key"> {
  const values: Item = {};
  for (const name in set) values[`:${name}`] = set[name] as AttributeValue;
  for (const name in seen) values[`:seen_${name}`] = seen[name] as AttributeValue;
  return {
    ...textsOf(Object.keys(values).join(), seen, set),
    ExpressionAttributeValues: values,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}

// The same for each write of a kind, and there are few kinds.
const known = new Map<string, Texts>();

// The names are handed out as a copy, also the first time: a client's middleware may add to a request.
function textsOf(kind: string, seen: Item, set: Item): Texts {
  const texts = known.get(kind) ?? newTexts(seen, set);
  known.set(kind, texts);
  return { ...texts, ExpressionAttributeNames: { ...texts.ExpressionAttributeNames } };
}

function newTexts(seen: Item, set: Item): Texts {
  const compared = Object.keys(seen);
  const changed = Object.keys(set);
  return {
    UpdateExpression: `SET ${changed.map((name) => `#${name} = :${name}`).join(", ")}`,
    ConditionExpression: compared.map((name) => `#${name} = :seen_${name}`).join(" AND "),
    // By placeholder, all names: `owner`, `status`, `result` and `error` are reserved words.
    ExpressionAttributeNames: Object.fromEntries([...compared, ...changed].map((name) => [`#${name}`, name])),
  };
}

function ownedBy({ owner }: ClaimRef): Item {
  return toAttributes({ owner, status: "in_progress" });
}

function asSeen({ owner, attempt, leaseUntil, status, expiresAt }: StoredRecord): Item {
  return toAttributes({ owner, attempt, leaseUntil, status, expiresAt });
}
