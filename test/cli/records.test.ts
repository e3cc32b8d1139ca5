// What the command shows, lists and releases of records, as processes against a table.
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { hashKey } from "../../src/core/key.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import { dynamodbStore } from "../../src/dynamodb/index.ts";
import { itemKey, toItem } from "../../src/dynamodb/item.ts";
import { idempotent } from "../../src/index.ts";
import { suiteDynamodb } from "../support/suite-dynamodb.ts";
import { freshTable } from "../support/table.ts";
import { endpointOf, environment, run } from "./command.ts";
import { recordOf } from "./redrive-suite.ts";

const dynamodb = suiteDynamodb();

async function bench() {
  const client = dynamodb();
  const table = await freshTable(client);
  const endpoint = await endpointOf(client);
  const env = { ...environment({ sqs: endpoint, dynamodb: endpoint }), IDEMPOTENCY_TABLE: table };
  return {
    store: dynamodbStore({ tableName: table, client }),
    put: async (record: StoredRecord) => client.send(new PutItemCommand({ TableName: table, Item: toItem(record) })),
    putItem: async (Item: NonNullable<PutItemCommand["input"]["Item"]>) => client.send(new PutItemCommand({ TableName: table, Item })),
    command: (...args: readonly string[]) => run(args, env),
    /** With a table of its own in place of the environment's. */
    table,
    bare: (...args: readonly string[]) => run(args, environment({ sqs: endpoint, dynamodb: endpoint })),
  };
}

const now = Date.now();
const hour = 3_600_000;
/** One of each kind, by its status word, which is its key too. */
const kinds: Readonly<Record<string, Partial<StoredRecord>>> = {
  in_progress: { status: "in_progress", leaseUntil: now + hour },
  lapsed: { status: "in_progress", leaseUntil: now - hour },
  completed: { status: "completed", completedAt: now - hour, encoding: "json", result: '"secret result"', requestId: "request" },
  failed: { status: "failed", completedAt: now - hour, error: { name: "CardDeclined", message: "\u001b[31mno\nfunds", statusCode: 402 } },
  held: { status: "held", completedAt: now - hour, error: { name: "Timeout" }, messageId: "message" },
  released: { status: "released", error: { name: "Error" } },
  expired: { status: "completed", expiresAt: Math.floor(now / 1000) - 1 },
};
const releasable = new Set(["lapsed", "failed", "held"]);

describe("inspect", () => {
  it.concurrent.for(Object.keys({ ...kinds, none: {} }))("%s: the status word comes first", async (word) => {
    const { put, command } = await bench();
    const members = kinds[word];
    if (members !== undefined) await put(recordOf(word, members));
    const text = await command("inspect", "orders", word);
    expect([text.code, text.stderr, text.stdout.split("\n", 1)[0]]).toEqual([0, "", word]);
    expect(text.stdout).toContain(hashKey(word));
    expect(text.stdout).not.toContain("secret");
    // What a terminal would obey, or take for a new line, is not printed as it was kept.
    // oxlint-disable-next-line no-control-regex
    expect(text.stdout).not.toMatch(/\u001b/);
    if (word === "failed") expect(text.stdout).toMatch(/^error +CardDeclined: no funds \(402\)$/m);
    const json = await command("inspect", "orders", "--hash", hashKey(word), "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ status: word, operation: "orders", keyHash: hashKey(word) });
    expect(json.stdout).not.toMatch(/secret|"result"|"owner"/);
  });

  it.concurrent("finds keys that are no text, and hashes that begin with a dash", async () => {
    const { put, command, bare, table } = await bench();
    const keys = [["customer-7", 42, [true]], 42, false];
    for (const key of keys) await put(recordOf(key));
    for (const key of keys) expect((await command("inspect", "orders", JSON.stringify(key), "--key-json")).stdout).toMatch(/^completed\n/);
    expect((await command("inspect", "orders", "42")).stdout).toMatch(/^none\n/);
    await put({ ...recordOf("dash"), id: { operation: "orders", keyHash: `-${"a".repeat(42)}` } });
    expect((await bare("inspect", "orders", "--hash", `-${"a".repeat(42)}`, "--table", table)).stdout).toMatch(/^completed\n/);
  });

  it.concurrent("says where there is no table, and what is no record of ours or of a newer build", async () => {
    const { put, putItem, command } = await bench();
    await put({ ...recordOf("newer"), version: 2 });
    await putItem(itemKey(recordOf("foreign").id));
    for (const [args, says] of [
      [["newer"], /newer build.*\(CONFIG_INVALID\)/],
      [["foreign"], /is no record of lambda-once.*\(misconfigured\)/],
      [["any", "--table", "nobodys"], /ResourceNotFoundException.*--table or IDEMPOTENCY_TABLE/],
    ] as const) {
      const { code, stdout, stderr } = await command("inspect", "orders", ...args);
      expect(stderr).toMatch(says);
      expect(stderr).toMatch(/^lambda-once: [^\n]+\n$/);
      expect([code, stdout]).toEqual([1, ""]);
    }
  });
});

describe("release", () => {
  it.concurrent.for(Object.keys({ ...kinds, none: {} }))("%s: freed, or refused with its reason", async (word) => {
    const { put, command, store } = await bench();
    const members = kinds[word];
    const record = recordOf(word, { fingerprint: "1:abc", ...members });
    if (members !== undefined) await put(record);
    const before = await store.read(record.id);
    const { code, stdout, stderr } = await command("release", "orders", word, "--yes", ...(word === "held" ? ["--json"] : []));
    const after = await store.read(record.id);
    if (releasable.has(word)) {
      expect([code, stderr, after?.status, after?.fingerprint]).toEqual([0, "", "released", undefined]);
      if (word === "held") expect(JSON.parse(stdout)).toMatchObject({ status: "released", releasedFrom: "held" });
      else expect(stdout).toBe(`released: orders ${hashKey(word)} (it was ${word})\n`);
    } else {
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(new RegExp(`^lambda-once: not released, it is ${word}: [^\\n]+\\n$`));
      expect(after).toEqual(before);
    }
  });

  it.concurrent("an expired one of which nobody knows how it ended is freed, since a redrive waits for that", async () => {
    const { put, command, store } = await bench();
    const record = recordOf("order-1", { status: "held", expiresAt: Math.floor(now / 1000) - 1 });
    await put(record);
    expect(await command("release", "orders", "order-1", "--yes")).toMatchObject({ code: 0, stderr: "" });
    expect((await store.read(record.id))?.status).toBe("released");
  });

  it.concurrent("asks nobody without a terminal, and frees nothing", async () => {
    const { put, command, store } = await bench();
    await put(recordOf("held", kinds["held"]));
    const { code, stdout, stderr } = await command("release", "orders", "held");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^lambda-once: no prompt without a terminal, and nothing was done/);
    expect((await store.read(recordOf("held").id))?.status).toBe("held");
  });
});

describe("list", () => {
  const wordsIn = (json: string) => (JSON.parse(json) as { status: string }[]).map(({ status }) => status).toSorted();

  it.concurrent("shows the records of an operation, and no results, also where they are items of their own", async () => {
    const { put, command, store } = await bench();
    for (const [word, members] of Object.entries(kinds)) await put(recordOf(word, members));
    await put({ ...recordOf("a"), id: { operation: "orders-2", keyHash: hashKey("a") } });
    const large = idempotent(async () => "secret".repeat(40_000), { store, operation: "large", key: () => "k" });
    await large();

    const table = await command("list", "orders");
    expect([table.code, table.stdout.trimEnd().split("\n").length]).toEqual([0, Object.keys(kinds).length + 2]);
    expect(table.stderr).toMatch(/^reading the whole table .*: a Scan costs as much as the table is large\n$/);
    for (const word of Object.keys(kinds)) expect(table.stdout).toMatch(new RegExp(`^${hashKey(word)} +${word} +1 `, "m"));
    expect(table.stdout).toMatch(/CardDeclined/);
    for (const { stdout } of [table, await command("list", "large", "--json")]) expect(stdout).not.toContain("secret");
    expect(wordsIn((await command("list", "large", "--json")).stdout)).toEqual(["completed"]);
  });

  it.concurrent.for([
    [["--lapsed"], ["lapsed"]],
    [["--held"], ["held"]],
    [["--failed"], ["failed"]],
    [
      ["--held", "--lapsed"],
      ["held", "lapsed"],
    ],
    [[], Object.keys(kinds).toSorted()],
  ] as const)("%j", async ([flags, words]) => {
    const { put, command } = await bench();
    for (const [word, members] of Object.entries(kinds)) await put(recordOf(word, members));
    expect(wordsIn((await command("list", "orders", ...flags, "--json")).stdout)).toEqual(words);
  });

  it.concurrent("says that there are none, what it could not read, and that there is no such table", async () => {
    const { put, putItem, command } = await bench();
    const none = await command("list", "orders", "--held", "--failed");
    expect([none.code, none.stdout]).toEqual([0, 'no records of "orders" that are held or failed\n']);
    expect((await command("list", "orders", "--json")).stdout).toBe("[]\n");
    await put({ ...recordOf("newer"), version: 2 });
    await putItem(itemKey(recordOf("foreign").id));
    const strange = await command("list", "orders");
    expect([strange.code, strange.stdout]).toEqual([0, 'no records of "orders"\n']);
    expect(strange.stderr).toMatch(/not shown: .*newer build/);
    expect(strange.stderr).toMatch(/not shown: .*is no record of lambda-once/);
    const missing = await command("list", "orders", "--table", "nobodys");
    expect([missing.code, missing.stdout]).toEqual([1, ""]);
    expect(missing.stderr).toMatch(/\nlambda-once: DynamoDB refused Scan .*ResourceNotFoundException[^\n]+\n$/);
  });

  it.concurrent("reads on where a page ends", async () => {
    const { put, command } = await bench();
    // A page is 1 MB.
    const result = "x".repeat(300_000);
    for (let i = 0; i < 8; i++) await put(recordOf(`large-${i}`, { encoding: "json", result }));
    const { stdout } = await command("list", "orders");
    expect(stdout).toMatch(/\n8 records\n$/);
  });
});
