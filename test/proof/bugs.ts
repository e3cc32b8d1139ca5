// Bugs that somebody could write, each as a patch to src/: the simulation or the model must find every one.

/** One replacement; its text stands exactly once in the file. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface Bug {
  readonly name: string;
  /** What the code does wrong, in a sentence. */
  readonly about: string;
  readonly edits: readonly Edit[];
}

export const bugs: readonly Bug[] = [
  {
    name: "unfenced-complete",
    about: "A completion is written whoever owns the record.",
    edits: [
      {
        file: "src/dynamodb/expressions.ts",
        from: "return update(claim.id, ended, ownedBy(claim));",
        to: 'return update(claim.id, ended, ended.status === "completed" ? toAttributes({ status: "in_progress" }) : ownedBy(claim));',
      },
    ],
  },
  {
    name: "unfenced-release",
    about: "A release is written whoever owns the record.",
    edits: [
      {
        file: "src/dynamodb/expressions.ts",
        from: "return update(claim.id, ended, ownedBy(claim));",
        to: 'return update(claim.id, ended, ended.status === "released" ? toAttributes({ status: "in_progress" }) : ownedBy(claim));',
      },
    ],
  },
  {
    name: "release-by-a-loser",
    about: "A delivery that was refused releases the record that it saw.",
    edits: [
      {
        file: "src/core/consider.ts",
        from: `    case "busy":
`,
        to: `    case "busy":
      await delivery.call.store.release(record).catch(() => {});
`,
      },
    ],
  },
  {
    name: "takeover-without-status",
    about: "A takeover does not compare the status that it saw.",
    edits: [
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
  },
  {
    name: "takeover-without-expiry",
    about: "A takeover does not compare the expiry that it saw.",
    edits: [
      {
        file: "src/dynamodb/expressions.ts",
        from: "toAttributes({ owner, attempt, leaseUntil, status, expiresAt })",
        to: "toAttributes({ owner, attempt, leaseUntil, status })",
      },
      { file: "src/memory/conditions.ts", from: " &&\n    old.expiresAt === seen.expiresAt", to: "" },
    ],
  },
  {
    name: "takeover-without-condition",
    about: "A takeover compares nothing.",
    edits: [
      { file: "src/dynamodb/expressions.ts", from: "seen.attempt + 1)), ...condition };", to: "seen.attempt + 1)) };" },
      {
        file: "src/memory/conditions.ts",
        from: "    old !== undefined &&\n    old.owner === seen.owner &&\n    old.attempt === seen.attempt &&\n    old.leaseUntil === seen.leaseUntil &&\n    old.status === seen.status &&\n    old.expiresAt === seen.expiresAt",
        to: "    old !== undefined",
      },
    ],
  },
  {
    name: "lease-in-seconds",
    about: "The length of a lease is counted in seconds where milliseconds are meant.",
    edits: [{ file: "src/core/begin.ts", from: "startedAt + leaseMs;", to: "startedAt + Math.ceil(leaseMs / 1000);" }],
  },
  {
    name: "no-skew-margin",
    about: "Others take a lease for lapsed at its very end by their own clocks.",
    edits: [{ file: "src/core/lease.ts", from: "skewMarginMs = 1000", to: "skewMarginMs = 0" }],
  },
  {
    name: "expiry-not-checked",
    about: "A record whose expiry has passed answers until TTL deletes it.",
    edits: [{ file: "src/core/verdict.ts", from: '  if (isExpired(record, now)) return takeover("expired");\n', to: "" }],
  },
  {
    name: "expiry-before-live-lease",
    about: "A record whose expiry has passed is taken over although its lease is live.",
    edits: [
      { file: "src/core/verdict.ts", from: '  if (isExpired(record, now)) return takeover("expired");\n', to: "" },
      {
        file: "src/core/verdict.ts",
        from: '  if (record.status === "in_progress") {\n',
        to: '  if (isExpired(record, now)) return takeover("expired");\n  if (record.status === "in_progress") {\n',
      },
    ],
  },
  {
    name: "expiry-from-the-claim",
    about: "The expiry of a running record counts from its claim, not from the end of its lease.",
    edits: [
      {
        file: "src/core/begin.ts",
        from: "expiresAt: expiryAfter(leaseUntil, retentionSeconds)",
        to: "expiresAt: expiryAfter(startedAt, retentionSeconds)",
      },
    ],
  },
  {
    name: "lost-claim-not-recognised",
    about: "A claim whose acknowledgement was lost is taken for somebody else's.",
    edits: [
      {
        file: "src/core/verdict.ts",
        from: "if (record.owner === newcomer.owner) {",
        to: "if (record.owner === newcomer.owner && record.version < 0) {",
      },
    ],
  },
  {
    name: "lost-completion-not-recognised",
    about: "A completion whose acknowledgement was lost is taken for a loss of the lease.",
    edits: [
      {
        file: "src/core/settle.ts",
        from: "return record?.owner === ref.owner && record.status === status;",
        to: 'return record?.owner === ref.owner && record.status === status && status === "in_progress";',
      },
    ],
  },
  {
    name: "own-claim-believed-after-its-lease",
    about: "A run starts although its claim's answer came after its lease.",
    edits: [
      {
        file: "src/core/begin.ts",
        from: '  if (now >= signalAt(leaseUntil, leaseMs)) return { kind: "takeover", seen: record, from: "lapsed" };\n',
        to: "",
      },
      { file: "src/core/begin.ts", from: "import { expiryAfter, signalAt }", to: "import { expiryAfter }" },
    ],
  },
  {
    name: "own-lapsed-claim-busy",
    about: "A delivery is told to wait for its own lapsed claim.",
    edits: [
      {
        file: "src/core/verdict.ts",
        from: 'return now < record.leaseUntil ? { kind: "mine" } : takeover("lapsed");',
        to: 'return now < record.leaseUntil ? { kind: "mine" } : { kind: "busy" };',
      },
    ],
  },
  {
    name: "release-after-completion",
    about: "A key is released after a completion was sent whose outcome is unknown.",
    edits: [
      {
        file: "src/core/run.ts",
        from: '  if (settled.kind === "failed") reportStoreError(call, "settle", settled.failure);\n  else if (ending',
        to: '  if (settled.kind === "failed") {\n    reportStoreError(call, "settle", settled.failure);\n    await settle(call, ref, { status: "released", error: { name: "Error" } }, once);\n  } else if (ending',
      },
    ],
  },
  {
    name: "extension-moves-back",
    about: "An extension may end a lease earlier than it was to end.",
    edits: [
      { file: "src/core/claim.ts", from: "    if (until <= lease.until()) return;\n", to: "" },
      { file: "src/dynamodb/expressions.ts", from: " AND #leaseUntil < :leaseUntil`", to: "`" },
      { file: "src/memory/conditions.ts", from: " && old !== undefined && old.leaseUntil < leaseUntil;", to: " && leaseUntil > 0;" },
    ],
  },
  {
    name: "extension-retry-is-a-loss",
    about: "An extension whose acknowledgement was lost is taken for a loss of the lease.",
    edits: [
      {
        file: "src/core/claim.ts",
        from: '    if (isOwn(answer.record, ref, "in_progress") && answer.record.leaseUntil >= until)\n      return lease.move(answer.record.leaseUntil, answer.record.leaseUntil - clock.now());\n',
        to: "",
      },
      { file: "src/core/claim.ts", from: "type Ending, isOwn, settle", to: "type Ending, settle" },
    ],
  },
  {
    name: "fingerprint-after-busy",
    about: "Another payload is told to wait while the first one runs.",
    edits: [
      {
        file: "src/core/verdict.ts",
        from: 'return differs(record, newcomer) ? { kind: "mismatch" } : { kind: "busy" };',
        to: 'return { kind: "busy" };',
      },
    ],
  },
  {
    name: "unknown-from-a-stale-refusal",
    about: "An unknown outcome is told without a look at what the table holds by now.",
    edits: [{ file: "src/core/consider.ts", from: "return lookAgain(delivery);", to: 'return { kind: "unknown", record };' }],
  },
  {
    name: "children-named-by-attempt",
    about: "Child items are named by their attempt, which two owners may share.",
    edits: [
      {
        file: "src/dynamodb/children.ts",
        from: 'Pick<StoredRecord, "id" | "owner">',
        to: 'Pick<StoredRecord, "id" | "owner" | "attempt">',
      },
      { file: "src/dynamodb/children.ts", from: "function childKey({ id, owner }", to: "function childKey({ id, attempt }" },
      { file: "src/dynamodb/children.ts", from: "#${owner}#${n}", to: "#${attempt}#${n}" },
    ],
  },
  {
    name: "children-expire-first",
    about: "Child items expire before the record that counts on them.",
    edits: [{ file: "src/dynamodb/children.ts", from: "expiresAt + outliveSeconds", to: "expiresAt - 1" }],
  },
  {
    name: "failed-replayed-to-later-message",
    about: "A kept failure is replayed to a message that was sent after it.",
    edits: [
      {
        file: "src/core/verdict.ts",
        from: 'return failedBefore(record, newcomer.retryFailedBeforeMs) ? takeover("failed") : { kind: "replay" };',
        to: 'return { kind: "replay" };',
      },
    ],
  },
  {
    name: "unclaimed-without-being-asked",
    about: "Work runs without a claim where the store cannot be reached, whatever the policy.",
    edits: [{ file: "src/core/begin.ts", from: 'call.policy.onStoreUnavailable === "run" && failure.kind', to: "failure.kind" }],
  },
  {
    name: "unclaimed-when-throttled",
    about: "Work runs without a claim where its key is throttled, as it is when duplicates arrive.",
    edits: [
      {
        file: "src/core/begin.ts",
        from: 'failure.kind === "unreachable" && lastSeen',
        to: 'failure.kind !== "misconfigured" && lastSeen',
      },
    ],
  },
  {
    name: "loser-answers-its-own",
    about: "Whoever lost its claim answers its own result, not the winner's.",
    edits: [
      {
        file: "src/core/settle.ts",
        from: 'return { kind: "lost", record: answer.record };',
        to: 'return { kind: "failed", failure: new StoreFailure("unreachable", "lost", { maybeApplied: false }) };',
      },
    ],
  },
  {
    name: "completion-not-put",
    about: "A completion whose record TTL deleted is not put anew.",
    edits: [
      {
        file: "src/core/settle.ts",
        from: "if (!isRefused(answer) || answer.record !== undefined) return answer;",
        to: "if (!isRefused(answer) || isRefused(answer)) return answer;",
      },
    ],
  },
  {
    name: "put-with-the-old-expiry",
    about: "A record that is put anew expires when the deleted one would have.",
    edits: [
      {
        file: "src/core/settle.ts",
        from: '{ ...outcome, expiresAt, write: "put" }',
        to: '{ ...outcome, write: expiresAt > 0 ? "put" : "update" }',
      },
    ],
  },
  {
    name: "waiter-past-its-deadline",
    about: "A waiter starts a run although its invocation has no time left.",
    edits: [
      { file: "src/core/begin.ts", from: "  if (tooLate) return busy(call);\n", to: "  if (tooLate && now < 0) return busy(call);\n" },
    ],
  },
  {
    name: "unknown-claim-not-released",
    about: "A claim of unknown outcome is not released.",
    edits: [
      {
        file: "src/core/begin.ts",
        from: "if (failure.maybeApplied) delivery.unstarted = ref;",
        to: "if (failure.maybeApplied && ref.attempt < 0) delivery.unstarted = ref;",
      },
    ],
  },
  {
    name: "own-lapsed-claim-left",
    about: "A lapsed claim of one's own that cannot be taken over stays, though nothing runs under it.",
    edits: [
      {
        file: "src/core/consider.ts",
        from: "  if (record.owner === newcomer.owner)",
        to: "  if (record.owner === newcomer.owner && record.attempt < 0)",
      },
    ],
  },
  {
    name: "failed-replayed-to-another-payload",
    about: "A kept failure, or a hold, is told to a delivery with another payload.",
    edits: [
      {
        file: "src/core/verdict.ts",
        from: '  if (differs(record, newcomer)) return { kind: "mismatch" };\n',
        to: '  if (record.status !== "failed" && record.status !== "held" && differs(record, newcomer)) return { kind: "mismatch" };\n',
      },
    ],
  },
  {
    name: "late-signal",
    about: "A run is told to stop five seconds after it should have been.",
    edits: [
      { file: "src/core/lease.ts", from: "let abortAt = signalAt(until, leaseMs);", to: "let abortAt = signalAt(until, leaseMs) + 5000;" },
    ],
  },
  {
    name: "lease-moved-without-an-answer",
    about: "A run believes in an extension that the store has not confirmed.",
    edits: [
      {
        file: "src/core/claim.ts",
        from: '      reportStoreError(call, "extend", answer);\n',
        to: '      lease.move(until, extensionMs);\n      reportStoreError(call, "extend", answer);\n',
      },
    ],
  },
  {
    name: "inconsistent-read",
    about: "The record is read without asking for consistency.",
    edits: [{ file: "src/dynamodb/requests.ts", from: "ConsistentRead: true });", to: "ConsistentRead: false });" }],
  },
  {
    name: "refusal-without-its-record",
    about: "Refused updates do not ask for the record that refused them.",
    edits: [
      {
        file: "src/dynamodb/expressions.ts",
        from: '    ExpressionAttributeValues: values,\n    ReturnValuesOnConditionCheckFailure: "ALL_OLD",\n',
        to: "    ExpressionAttributeValues: values,\n",
      },
    ],
  },
];
