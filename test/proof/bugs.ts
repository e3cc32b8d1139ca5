// Bugs that somebody could write, each as a patch to src/: the simulation or the model must find every one.

/** One replacement; its text stands exactly once in the file. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const bugs: Readonly<Record<string, readonly Edit[]>> = {
  "unfenced-complete": [
    {
      file: "src/dynamodb/expressions.ts",
      from: "return update(claim.id, ended, ownedBy(claim));",
      to: 'return update(claim.id, ended, ended.status === "completed" ? toAttributes({ status: "in_progress" }) : ownedBy(claim));',
    },
  ],
  "unfenced-release": [
    {
      file: "src/dynamodb/expressions.ts",
      from: "return update(claim.id, ended, ownedBy(claim));",
      to: 'return update(claim.id, ended, ended.status === "released" ? toAttributes({ status: "in_progress" }) : ownedBy(claim));',
    },
  ],
  "release-by-a-loser": [
    {
      file: "src/core/consider.ts",
      from: `    case "busy":
`,
      to: `    case "busy":
      await delivery.call.store.release(record).catch(() => {});
`,
    },
  ],
  "takeover-without-status": [
    {
      file: "src/dynamodb/expressions.ts",
      from: "toAttributes({ owner, attempt, leaseUntil, status, expiresAt })",
      to: "toAttributes({ owner, attempt, leaseUntil, expiresAt })",
    },
    {
      file: "src/dynamodb/expressions.ts",
      from: "attempt, leaseUntil, status, expiresAt }: StoredRecord",
      to: "attempt, leaseUntil, expiresAt }: StoredRecord",
    },
    { file: "src/memory/conditions.ts", from: "    old.status === seen.status &&\n", to: "" },
  ],
  "takeover-without-expiry": [
    {
      file: "src/dynamodb/expressions.ts",
      from: "toAttributes({ owner, attempt, leaseUntil, status, expiresAt })",
      to: "toAttributes({ owner, attempt, leaseUntil, status })",
    },
    { file: "src/memory/conditions.ts", from: " &&\n    old.expiresAt === seen.expiresAt", to: "" },
  ],
  "takeover-without-condition": [
    { file: "src/dynamodb/expressions.ts", from: "seen.attempt + 1)), ...condition };", to: "seen.attempt + 1)) };" },
    {
      file: "src/memory/conditions.ts",
      from: "    old !== undefined &&\n    old.owner === seen.owner &&\n    old.attempt === seen.attempt &&\n    old.leaseUntil === seen.leaseUntil &&\n    old.status === seen.status &&\n    old.expiresAt === seen.expiresAt",
      to: "    old !== undefined",
    },
  ],
  "lease-in-seconds": [{ file: "src/core/begin.ts", from: "startedAt + leaseMs;", to: "startedAt + Math.ceil(leaseMs / 1000);" }],
  "no-skew-margin": [{ file: "src/core/lease.ts", from: "skewMarginMs = 1000", to: "skewMarginMs = 0" }],
  "expiry-not-checked": [{ file: "src/core/verdict.ts", from: '  if (isExpired(record, now)) return takeover("expired");\n', to: "" }],
  "expiry-before-live-lease": [
    { file: "src/core/verdict.ts", from: '  if (isExpired(record, now)) return takeover("expired");\n', to: "" },
    {
      file: "src/core/verdict.ts",
      from: '  if (record.status === "in_progress") {\n',
      to: '  if (isExpired(record, now)) return takeover("expired");\n  if (record.status === "in_progress") {\n',
    },
  ],
  "expiry-from-the-claim": [
    {
      file: "src/core/begin.ts",
      from: "expiresAt: expiryAfter(leaseUntil, retentionSeconds)",
      to: "expiresAt: expiryAfter(startedAt, retentionSeconds)",
    },
  ],
  "lost-claim-not-recognised": [
    {
      file: "src/core/verdict.ts",
      from: "if (record.owner === newcomer.owner) {",
      to: "if (record.owner === newcomer.owner && record.version < 0) {",
    },
  ],
  "lost-completion-not-recognised": [
    {
      file: "src/core/settle.ts",
      from: "return record?.owner === ref.owner && record.status === status;",
      to: 'return record?.owner === ref.owner && record.status === status && status === "in_progress";',
    },
  ],
  "own-claim-believed-after-its-lease": [
    {
      file: "src/core/begin.ts",
      from: '  if (now >= signalAt(leaseUntil, leaseMs)) return { kind: "takeover", seen: record, from: "lapsed" };\n',
      to: "",
    },
    { file: "src/core/begin.ts", from: "import { expiryAfter, signalAt }", to: "import { expiryAfter }" },
  ],
  "own-lapsed-claim-busy": [
    {
      file: "src/core/verdict.ts",
      from: 'return now < record.leaseUntil ? { kind: "mine" } : takeover("lapsed");',
      to: 'return now < record.leaseUntil ? { kind: "mine" } : { kind: "busy" };',
    },
  ],
  "release-after-completion": [
    {
      file: "src/core/run.ts",
      from: '  if (settled.kind === "failed") reportStoreError(call, "settle", settled.failure);\n  else if (ending',
      to: '  if (settled.kind === "failed") {\n    reportStoreError(call, "settle", settled.failure);\n    await settle(call, ref, { status: "released", error: { name: "Error" } }, once);\n  } else if (ending',
    },
  ],
  "extension-moves-back": [
    { file: "src/core/claim.ts", from: "    if (until <= lease.until()) return;\n", to: "" },
    { file: "src/dynamodb/expressions.ts", from: " AND #leaseUntil < :leaseUntil`", to: "`" },
    { file: "src/memory/conditions.ts", from: " && old !== undefined && old.leaseUntil < leaseUntil;", to: " && leaseUntil > 0;" },
  ],
  "extension-retry-is-a-loss": [
    {
      file: "src/core/claim.ts",
      from: '    if (isOwn(answer.record, ref, "in_progress") && answer.record.leaseUntil >= until)\n      return lease.move(answer.record.leaseUntil, answer.record.leaseUntil - clock.now());\n',
      to: "",
    },
    { file: "src/core/claim.ts", from: "type Ending, isOwn, settle", to: "type Ending, settle" },
  ],
  "fingerprint-after-busy": [
    {
      file: "src/core/verdict.ts",
      from: 'return differs(record, newcomer) ? { kind: "mismatch" } : { kind: "busy" };',
      to: 'return { kind: "busy" };',
    },
  ],
  "unknown-from-a-stale-refusal": [
    { file: "src/core/consider.ts", from: "return lookAgain(delivery);", to: 'return { kind: "unknown", record };' },
  ],
  "children-named-by-attempt": [
    { file: "src/dynamodb/children.ts", from: 'Pick<StoredRecord, "id" | "owner">', to: 'Pick<StoredRecord, "id" | "owner" | "attempt">' },
    { file: "src/dynamodb/children.ts", from: "function childKey({ id, owner }", to: "function childKey({ id, attempt }" },
    { file: "src/dynamodb/children.ts", from: "#${owner}#${n}", to: "#${attempt}#${n}" },
  ],
  "children-expire-first": [{ file: "src/dynamodb/children.ts", from: "expiresAt + outliveSeconds", to: "expiresAt - 1" }],
  "failed-replayed-to-later-message": [
    {
      file: "src/core/verdict.ts",
      from: 'return failedBefore(record, newcomer.retryFailedBeforeMs) ? takeover("failed") : { kind: "replay" };',
      to: 'return { kind: "replay" };',
    },
  ],
};
