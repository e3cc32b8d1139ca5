// Dead letters whose records are in a table, and the command beside them.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { hashKey } from "../../src/core/key.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import { toItem } from "../../src/dynamodb/item.ts";
import { dynamodbStore } from "../../src/dynamodb/index.ts";
import type { Store } from "../../src/core/store.ts";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { RedrivePlan } from "../../src/redrive/index.ts";
import type { Letter } from "../redrive/orders.ts";
import { type DeadLetters, deadLetters } from "../support/dead-letters.ts";
import type { SuiteEngine } from "../support/sqs-suites.ts";
import { suiteDynamodb } from "../support/suite-dynamodb.ts";
import { freshTable } from "../support/table.ts";
import { endpointOf, type Env, environment, type Ran, run, start, type Started } from "./command.ts";

/** Of the operation "orders". */
export function recordOf(key: unknown, members: Partial<StoredRecord> = {}): StoredRecord {
  const now = Date.now();
  return {
    id: { operation: "orders", keyHash: hashKey(key) },
    version: 1,
    status: "completed",
    owner: "owner",
    attempt: 1,
    leaseUntil: now - 60_000,
    expiresAt: Math.ceil(now / 1000) + 86_400,
    startedAt: now - 90_000,
    ...members,
  };
}

export interface Bench extends DeadLetters {
  readonly table: string;
  readonly env: Env;
  readonly store: Store;
  /** A path in a folder of this bench. */
  path(name: string): string;
  put(record: StoredRecord): Promise<void>;
  command(...args: readonly string[]): Promise<Ran>;
  started(...args: readonly string[]): Started;
  /** Makes a plan file and answers its path. */
  planned(...args: readonly string[]): Promise<string>;
}

export function benches(engine: SuiteEngine): (messages: readonly Letter[], options?: { readonly fifo?: boolean }) => Promise<Bench> {
  const dynamodb = suiteDynamodb();
  const root = mkdtempSync(join(tmpdir(), "lambda-once-cli-"));
  afterAll(() => rmSync(root, { recursive: true }));

  return async (messages, options) => {
    const dead = await deadLetters(engine.client, messages, options);
    const table = await freshTable(dynamodb());
    const endpoints = environment({ sqs: engine.endpoint, dynamodb: await endpointOf(dynamodb()) });
    const env = { ...endpoints, IDEMPOTENCY_TABLE: table };
    const folder = mkdtempSync(join(root, "bench-"));
    const command = (...args: readonly string[]) => run(args, env);
    return {
      ...dead,
      table,
      env,
      store: dynamodbStore({ tableName: table, client: dynamodb() }),
      path: (name) => join(folder, name),
      async put(record) {
        await dynamodb().send(new PutItemCommand({ TableName: table, Item: toItem(record) }));
      },
      command,
      started: (...args) => start(args, env),
      async planned(...args) {
        const path = join(folder, `plan-${Math.random()}.json`);
        const { code, stderr } = await command("redrive", "plan", "--dlq", dead.dlqUrl, "--operation", "orders", "--out", path, ...args);
        if (code !== 0) throw new Error(`no plan: ${stderr}`);
        return path;
      },
    };
  };
}

export function planIn(path: string): RedrivePlan {
  return JSON.parse(readFileSync(path, "utf8")) as RedrivePlan;
}
