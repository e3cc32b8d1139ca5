import { describe, expect, it } from "vitest";
import type { StoredRecord } from "../../src/core/record.ts";
import { type ClaimRef, type ClaimRequest, endedMembers, type Outcome } from "../../src/core/store.ts";
import { claimInput, extendInput, putOutcomeInput, releaseInput, settleInput, takeOverInput } from "../../src/dynamodb/expressions.ts";

const start = 1_767_225_600_000;
const id = { operation: "charge", keyHash: "hash" };
const request: ClaimRequest = {
  id,
  keyParts: ["4111111111111111"],
  owner: "me",
  startedAt: start,
  leaseUntil: start + 10_000,
  expiresAt: 1_767_229_210,
  retentionSeconds: 3600,
  fingerprint: "1:print",
  requestId: "request-1",
  messageId: "message-1",
};
const bare: ClaimRequest = { ...request, fingerprint: undefined, requestId: undefined, messageId: undefined };
const claim: ClaimRef = { ...request, attempt: 4 };
const seen: StoredRecord = {
  id,
  version: 1,
  status: "released",
  owner: "other",
  attempt: 3,
  startedAt: start - 60_000,
  leaseUntil: start - 50_000,
  expiresAt: 1_767_225_700,
  fingerprint: "1:old",
  completedAt: start - 55_000,
  error: { name: "Error" },
};
const completedAt = start + 5000;
const base = { completedAt, expiresAt: 1_767_229_205, write: "update" } as const;
const completed: Outcome = { ...base, status: "completed", encoding: "json", text: '"done"' };
const failed: Outcome = { ...base, status: "failed", error: { name: "Error", message: "no", statusCode: 410, code: "GONE" } };

const key = { pk: { S: "charge#hash" }, sk: { S: "claim" } };
const bareItem = {
  ...key,
  v: { N: "1" },
  status: { S: "in_progress" },
  owner: { S: "me" },
  attempt: { N: "1" },
  startedAt: { N: "1767225600000" },
  leaseUntil: { N: "1767225610000" },
  expiresAt: { N: "1767229210" },
};
const item = { ...bareItem, fingerprint: { S: "1:print" }, requestId: { S: "request-1" }, messageId: { S: "message-1" } };
const allOld = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
const ownCondition = "#owner = :seen_owner AND #status = :seen_status";
const ownValues = { ":seen_owner": { S: "me" }, ":seen_status": { S: "in_progress" } };
const seenCondition =
  "#owner = :seen_owner AND #attempt = :seen_attempt AND #leaseUntil = :seen_leaseUntil AND #status = :seen_status AND #expiresAt = :seen_expiresAt";
const seenNames = { "#owner": "owner", "#attempt": "attempt", "#leaseUntil": "leaseUntil", "#status": "status", "#expiresAt": "expiresAt" };
const seenValues = {
  ":seen_owner": { S: "other" },
  ":seen_attempt": { N: "3" },
  ":seen_leaseUntil": { N: "1767225550000" },
  ":seen_status": { S: "released" },
  ":seen_expiresAt": { N: "1767225700" },
};

const inputs: readonly { name: string; input: object; exact: object }[] = [
  { name: "claim", input: claimInput(request), exact: { Item: item, ConditionExpression: "attribute_not_exists(pk)", ...allOld } },
  {
    name: "claim, with nothing that may be missing",
    input: claimInput(bare),
    exact: { Item: bareItem, ConditionExpression: "attribute_not_exists(pk)", ...allOld },
  },
  {
    name: "takeover: attempt + 1, and nothing of the old record stays",
    input: takeOverInput(seen, request),
    exact: {
      Item: { ...item, attempt: { N: "4" } },
      ConditionExpression: seenCondition,
      ExpressionAttributeNames: seenNames,
      ExpressionAttributeValues: seenValues,
      ...allOld,
    },
  },
  {
    name: "complete",
    input: settleInput(claim, endedMembers(completed)),
    exact: {
      Key: key,
      UpdateExpression:
        "SET #status = :status, #completedAt = :completedAt, #expiresAt = :expiresAt, #encoding = :encoding, #result = :result",
      ConditionExpression: ownCondition,
      ExpressionAttributeNames: {
        "#status": "status",
        "#expiresAt": "expiresAt",
        "#encoding": "encoding",
        "#result": "result",
        "#completedAt": "completedAt",
        "#owner": "owner",
      },
      ExpressionAttributeValues: {
        ":status": { S: "completed" },
        ":expiresAt": { N: "1767229205" },
        ":encoding": { S: "json" },
        ":result": { S: '"done"' },
        ":completedAt": { N: "1767225605000" },
        ...ownValues,
      },
      ...allOld,
    },
  },
  ...(["void", "lost"] as const).map((encoding) => ({
    name: `complete, ${encoding}`,
    input: settleInput(claim, endedMembers({ ...base, status: "completed", encoding })),
    exact: {
      Key: key,
      UpdateExpression: "SET #status = :status, #completedAt = :completedAt, #expiresAt = :expiresAt, #encoding = :encoding",
      ConditionExpression: ownCondition,
      ExpressionAttributeNames: {
        "#status": "status",
        "#expiresAt": "expiresAt",
        "#encoding": "encoding",
        "#completedAt": "completedAt",
        "#owner": "owner",
      },
      ExpressionAttributeValues: {
        ":status": { S: "completed" },
        ":expiresAt": { N: "1767229205" },
        ":encoding": { S: encoding },
        ":completedAt": { N: "1767225605000" },
        ...ownValues,
      },
      ...allOld,
    },
  })),
  {
    name: "fail",
    input: settleInput(claim, endedMembers(failed)),
    exact: {
      Key: key,
      UpdateExpression: "SET #completedAt = :completedAt, #expiresAt = :expiresAt, #status = :status, #error = :error",
      ConditionExpression: ownCondition,
      ExpressionAttributeNames: {
        "#status": "status",
        "#expiresAt": "expiresAt",
        "#error": "error",
        "#completedAt": "completedAt",
        "#owner": "owner",
      },
      ExpressionAttributeValues: {
        ":status": { S: "failed" },
        ":expiresAt": { N: "1767229205" },
        ":error": { M: { name: { S: "Error" }, message: { S: "no" }, statusCode: { N: "410" }, code: { S: "GONE" } } },
        ":completedAt": { N: "1767225605000" },
        ...ownValues,
      },
      ...allOld,
    },
  },
  {
    name: "hold",
    input: settleInput(claim, endedMembers({ ...base, status: "held", error: { name: "Error" } })),
    exact: {
      Key: key,
      UpdateExpression: "SET #completedAt = :completedAt, #expiresAt = :expiresAt, #status = :status, #error = :error",
      ConditionExpression: ownCondition,
      ExpressionAttributeNames: {
        "#status": "status",
        "#expiresAt": "expiresAt",
        "#error": "error",
        "#completedAt": "completedAt",
        "#owner": "owner",
      },
      ExpressionAttributeValues: {
        ":status": { S: "held" },
        ":expiresAt": { N: "1767229205" },
        ":error": { M: { name: { S: "Error" } } },
        ":completedAt": { N: "1767225605000" },
        ...ownValues,
      },
      ...allOld,
    },
  },
  {
    name: "release: unfinished, so its expiry stays its lease's",
    input: settleInput(
      claim,
      endedMembers({ completedAt: base.completedAt, write: "update", status: "released", error: { name: "Error" } }),
    ),
    exact: {
      Key: key,
      UpdateExpression: "SET #completedAt = :completedAt, #status = :status, #error = :error",
      ConditionExpression: ownCondition,
      ExpressionAttributeNames: { "#status": "status", "#error": "error", "#completedAt": "completedAt", "#owner": "owner" },
      ExpressionAttributeValues: {
        ":status": { S: "released" },
        ":error": { M: { name: { S: "Error" } } },
        ":completedAt": { N: "1767225605000" },
        ...ownValues,
      },
      ...allOld,
    },
  },
  {
    name: "complete where TTL deleted the claim",
    input: putOutcomeInput(claim, endedMembers({ ...completed, write: "put" })),
    exact: {
      Item: {
        ...item,
        attempt: { N: "4" },
        status: { S: "completed" },
        expiresAt: { N: "1767229205" },
        encoding: { S: "json" },
        result: { S: '"done"' },
        completedAt: { N: "1767225605000" },
      },
      ConditionExpression: "attribute_not_exists(pk)",
      ...allOld,
    },
  },
  {
    name: "fail where TTL deleted the claim",
    input: putOutcomeInput(claim, endedMembers({ ...base, status: "failed", error: { name: "Error" }, write: "put" })),
    exact: {
      Item: {
        ...item,
        attempt: { N: "4" },
        status: { S: "failed" },
        expiresAt: { N: "1767229205" },
        error: { M: { name: { S: "Error" } } },
        completedAt: { N: "1767225605000" },
      },
      ConditionExpression: "attribute_not_exists(pk)",
      ...allOld,
    },
  },
  {
    name: "extend: the expiry moves with the lease, rounded up",
    input: extendInput(claim, start + 20_001),
    exact: {
      Key: key,
      UpdateExpression: "SET #leaseUntil = :leaseUntil, #expiresAt = :expiresAt",
      ConditionExpression: `${ownCondition} AND #leaseUntil < :leaseUntil`,
      ExpressionAttributeNames: { "#leaseUntil": "leaseUntil", "#expiresAt": "expiresAt", "#owner": "owner", "#status": "status" },
      ExpressionAttributeValues: { ":leaseUntil": { N: "1767225620001" }, ":expiresAt": { N: "1767229221" }, ...ownValues },
      ...allOld,
    },
  },
  {
    name: "an operator's release: the record as seen, its fingerprint forgotten",
    input: releaseInput(seen),
    exact: {
      Key: key,
      UpdateExpression: "SET #status = :status REMOVE fingerprint",
      ConditionExpression: seenCondition,
      ExpressionAttributeNames: seenNames,
      ExpressionAttributeValues: { ":status": { S: "released" }, ...seenValues },
      ...allOld,
    },
  },
];

describe("a write", () => {
  // A client's middleware may add to one: the next is not to have it.
  it("shares nothing with the next of its kind", () => {
    const unheardOf = { encoding: "json", chunks: 1, messageId: "m" }; // the first of its kind, whatever ran before
    for (const input of [
      () => settleInput(claim, unheardOf),
      () => settleInput(claim, endedMembers(completed)),
      () => extendInput(claim, start),
      () => releaseInput(seen),
    ]) {
      const first = input();
      const before = structuredClone(first);
      Object.assign(first.ExpressionAttributeNames ?? {}, { "#mine": "mine" });
      Object.assign(input().ExpressionAttributeNames ?? {}, { "#mine": "mine" });
      expect(input()).toEqual(before);
    }
  });

  it.for(inputs)("$name", ({ input, exact }) => {
    expect(input).toEqual(exact);
  });

  it.for(inputs)("defines and uses each placeholder: $name", ({ input }) => {
    const {
      UpdateExpression = "",
      ConditionExpression = "",
      ExpressionAttributeNames = {},
      ExpressionAttributeValues = {},
    } = input as Partial<
      Record<"UpdateExpression" | "ConditionExpression", string> & Record<"ExpressionAttributeNames" | "ExpressionAttributeValues", object>
    >;
    const used = `${UpdateExpression} ${ConditionExpression}`.match(/[#:]\w+/g) ?? [];
    expect([...new Set(used)].sort()).toEqual([...Object.keys(ExpressionAttributeNames), ...Object.keys(ExpressionAttributeValues)].sort());
  });

  it.for(inputs)("never holds the raw key: $name", ({ input }) => {
    expect(JSON.stringify(input)).not.toContain("4111111111111111");
  });
});
