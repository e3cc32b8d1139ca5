// What the simulation takes for DynamoDB is held against DynamoDB Local: every condition over every state of a record, and
// whole schedules, request by request.
import * as fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import { nameOf, type RecordId, type Status, type StoredRecord } from "../../src/core/record.ts";
import type { Answer, ClaimRef, Outcome, Store } from "../../src/core/store.ts";
import { toItem } from "../../src/dynamodb/item.ts";
import { dynamodbStore } from "../../src/dynamodb/store.ts";
import { type Records, storeOver } from "../../src/memory/records.ts";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { clientOf, freshTable } from "../support/table.ts";
import { beside } from "./beside.ts";
import { scenarios } from "./scenario.ts";
import { runSchedule } from "./schedule.ts";
import { type Command, memoryTable } from "./table.ts";

const endpoint = inject("dynamodbLocal");
const statuses: readonly Status[] = ["in_progress", "completed", "failed", "held", "released"];
const t0 = Date.UTC(2026, 0, 1);

/** Every state of a record, as far as a condition can tell one from another; and none. */
const states: readonly (Partial<StoredRecord> | undefined)[] = [
  undefined,
  ...statuses.flatMap((status) =>
    ["me", "other"].flatMap((owner) =>
      [1, 2].flatMap((attempt) =>
        [t0 - 1, t0, t0 + 1].flatMap((leaseUntil) => [100, 101].map((expiresAt) => ({ status, owner, attempt, leaseUntil, expiresAt }))),
      ),
    ),
  ),
];

function recordOf(id: RecordId, state: Partial<StoredRecord>): StoredRecord {
  const base = { id, version: 1, status: "in_progress", owner: "me", attempt: 1, leaseUntil: t0, expiresAt: 100, startedAt: t0 } as const;
  return { ...base, fingerprint: "1:f", ...state };
}

const ended = { completedAt: t0 + 5, expiresAt: 200, write: "update" } as const;
const error = { name: "Declined" };
const outcomes: readonly Outcome[] = [
  { status: "completed", encoding: "json", text: "1", ...ended },
  { status: "failed", error, ...ended },
  { status: "held", error, ...ended },
  { status: "released", error, completedAt: t0 + 5, write: "update" },
];

function refOf(id: RecordId): ClaimRef {
  return {
    id,
    keyParts: "k",
    owner: "me",
    attempt: 1,
    startedAt: t0,
    leaseUntil: t0,
    expiresAt: 100,
    retentionSeconds: 60,
    fingerprint: "1:f",
  };
}

/** Every write of the protocol, as its caller sees the key. */
const writes: Record<string, (store: Store, id: RecordId) => Promise<Answer>> = {
  claim: (store, id) => store.claim(refOf(id)),
  takeOver: (store, id) => store.takeOver(recordOf(id, {}), { ...refOf(id), owner: "newcomer" }),
  "takeOver of a released one": (store, id) => store.takeOver(recordOf(id, { status: "released" }), { ...refOf(id), owner: "newcomer" }),
  extend: (store, id) => store.extend(refOf(id), t0),
  "operator's release": (store, id) => store.release(recordOf(id, { status: "failed" })),
  ...Object.fromEntries(
    outcomes.flatMap((outcome) =>
      (["update", "put"] as const).map((write) => [
        `${outcome.status} by ${write}`,
        (store: Store, id: RecordId) => store.settle(refOf(id), { ...outcome, write }),
      ]),
    ),
  ),
};

describe.skipIf(endpoint === "")("on DynamoDB Local", () => {
  const client = clientOf(endpoint, { requestHandler: { httpAgent: { maxSockets: 50 } } });

  it.for(Object.keys(writes))("the condition of %s is the predicate of the memory store, over all states of a record", async (name) => {
    const tableName = await freshTable(client);
    const real = dynamodbStore({ client, tableName });
    const outcomesSeen = await Promise.all(
      states.map(async (state, n) => {
        const id: RecordId = { operation: "states", keyHash: `${name}-${n}` };
        const record = state === undefined ? undefined : recordOf(id, state);
        const records: Records = new Map();
        const table = memoryTable();
        if (record !== undefined) {
          records.set(nameOf(id), record);
          table.put(toItem(record));
          await client.send(new PutItemCommand({ TableName: tableName, Item: toItem(record) }));
        }
        const modelled = dynamodbStore({ client: { send: async (command: never) => table.apply(command) } as never, tableName });
        const answers = [];
        for (const store of [real, modelled, storeOver(records, undefined)])
          answers.push({ answer: await writes[name]?.(store, id), after: await store.read(id) });
        expect(answers[1], `the table in memory, on ${JSON.stringify(state)}`).toEqual(answers[0]);
        expect(answers[2], `the memory store, on ${JSON.stringify(state)}`).toEqual(answers[0]);
        return answers[0]?.answer?.applied;
      }),
    );
    // Each condition holds for some states and not for others: nothing is compared in vain.
    expect(new Set(outcomesSeen)).toEqual(new Set([true, false]));
  });

  it("500 schedules go as on the table in memory, request by request", { timeout: 300_000 }, async () => {
    const both = beside(client, await freshTable(client));
    for (const scenario of fc.sample(scenarios, { seed: 500, numRuns: 500 }))
      expect((await runSchedule(scenario, { engine: await both.engine() })).violation).toBeUndefined();
    expect(both.requests).toBeGreaterThan(3000);
  });

  it("an engine that answers otherwise is told on", async () => {
    const both = beside(client, await freshTable(client));
    const engine = await both.engine();
    const forgetful = { ...engine, decide: (command: Command) => engine.decide(command, memoryTable()) };
    const all = fc.sample(scenarios, { seed: 500, numRuns: 20 }).map(async (scenario) => runSchedule(scenario, { engine: forgetful }));
    await expect(Promise.all(all)).rejects.toThrow("the table in memory");
  });
});
