// A command line that is wrong: exit code 1, one clear line, and nobody was asked for anything. AWS is at a closed port here: whoever
// asks it complains of that.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { RedriveEntry } from "../../src/redrive/index.ts";
import { sealed } from "../../src/redrive/plan-file.ts";
import { type Env, nowhere, run } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "lambda-once-bad-input-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const url = "http://127.0.0.1:1/000000000000/orders-dlq";
/** The region of all commands here is us-east-1. */
const elsewhere = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders-dlq";
const entry: RedriveEntry = { messageId: "m", keyHash: "h", keyFrom: "attribute", proposal: "redrive", decision: "redrive", reason: "r" };
const plan = sealed({
  version: 1,
  runId: "r",
  createdAt: "2026-01-01T00:00:00.000Z",
  deadLetterQueueUrl: url,
  operation: "orders",
  complete: true,
  entries: [entry],
});
const good = file("plan.json", plan);
const edited = (change: Partial<RedriveEntry>) => ({ ...plan, entries: [{ ...entry, ...change }] });
const module = {
  throwing: file("throwing.mjs", 'throw new Error("no luck");'),
  broken: file("broken.mjs", "export const ="),
  wrong: file("wrong.mjs", 'export const key = "order-1"; export const right = () => 1;'),
  empty: file("empty.cjs", "module.exports = {};"),
};

const planOf = ["redrive", "plan", "--dlq", url, "--operation", "orders", "--table", "t"];
const applyOf = (path = good) => ["redrive", "apply", "--plan", path, "--journal", join(folder, "journal"), "--table", "t", "--yes"];

const rows: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [[], /give a command; see lambda-once --help/],
  [["redrives"], /there is no command "redrives"; see lambda-once --help/],
  [["redrive"], /plan, apply, status or cancel.*see lambda-once redrive --help/],
  [["redrive", "undo"], /there is no command "redrive undo"/],
  [["--table", "t", "list", "orders"], /there is no command "--table"/],
  [["redrive", "plan", "--table", "t"], /--dlq is missing; see lambda-once redrive plan --help/],
  [["redrive", "plan", "--dlq", url, "--table", "t"], /--operation is missing/],
  [["redrive", "plan", "--dlq"], /--dlq <value>' argument missing/],
  [["redrive", "plan", "--dlq", "", "--operation", "orders"], /--dlq is missing/],
  [["redrive", "plan", "--dlq", url, "--operation", "orders"], /name the table by --table, .*IDEMPOTENCY_TABLE/],
  [[...planOf, "--dlq", "orders-dlq"], /--dlq is "orders-dlq": give the URL/],
  [[...planOf, "--operation", "or ders"], /the operation is "or ders": give 1 to 64 characters/],
  [[...planOf, "--force"], /[Uu]nknown option '--force'; see lambda-once redrive plan --help/],
  [[...planOf, "orders"], /"orders" is one argument too many/],
  [[...planOf, "--max", "0"], /--max is "0": give a whole number of at least 1/],
  [[...planOf, "--max", "1e3"], /--max is "1e3"/],
  [[...planOf, "--on-lease-expired", "wait"], /--on-lease-expired is "wait": give run or throw/],
  [[...planOf, "--retention-seconds", "1 day"], /--retention-seconds is "1 day": give a whole number/],
  [[...planOf, "--retention-seconds", "0"], /--retention-seconds is 0/],
  [[...planOf, "--dlq", elsewhere], /orders-dlq is in eu-west-1, and the region here is us-east-1: set AWS_REGION=eu-west-1/],
  [[...planOf, "--out", join(folder, "none/plan.json")], /--out: .* cannot be written/],
  [[...planOf, "--out", good], /--out: .*plan\.json exists already, and is not overwritten/],
  [[...planOf, "--key-from", join(folder, "none.mjs")], /--key-from: there is no file .*none\.mjs/],
  [[...planOf, "--key-from", folder], /--key-from: there is no file/],
  [[...planOf, "--key-from", module.throwing], /--key-from: .* cannot be loaded: no luck/],
  [[...planOf, "--key-from", module.broken], /--key-from: .*broken\.mjs cannot be loaded/],
  [[...planOf, "--key-from", `${module.wrong}#keys`], /--key-from: .*wrong\.mjs has no export "keys"/],
  [[...planOf, "--key-from", module.wrong], /has no export "default"/],
  [[...planOf, "--key-from", `${module.wrong}#key`], /has no function as its export "key"/],
  [[...planOf, "--key-from", `${module.empty}#key`], /has no export "key"/],
  [[...planOf, "--key-from", module.empty], /has no function as its export "default"/],
  [[...planOf, "--fingerprint-from", `${module.wrong}#key`], /--fingerprint-from: .* has no function/],
  [["redrive", "apply", "--journal", "j", "--table", "t"], /--plan is missing/],
  [["redrive", "apply", "--plan", good, "--table", "t", "--yes"], /--journal is missing/],
  [applyOf(join(folder, "none.json")), /--plan: .*none\.json cannot be read/],
  [applyOf(file("text.json", "plan")), /--plan: .* is no JSON/],
  [applyOf(file("other.json", { messages: [] })), /plan is an object: give what planRedrive made/],
  [applyOf(file("newer.json", { ...plan, version: 2 })), /plan\.version is 2/],
  [applyOf(file("more.json", edited({ decision: "discard" }))), /decision is "discard": give redrive, .* or leave/],
  [applyOf(file("other-id.json", edited({ messageId: "n" }))), /the plan was changed/],
  [[...applyOf(), "--rate", "501"], /--rate is "501": give a whole number from 1 to 500/],
  [[...applyOf(), "--mode", "fast"], /--mode is "fast": give selective or bulk/],
  [[...applyOf(), "--mode", "bulk", "--discard-duplicates"], /a move task deletes nothing/],
  [[...applyOf(), "--key-from", module.throwing], /no luck/],
  [applyOf().slice(0, -1), /no prompt without a terminal, and nothing was done: give --yes/],
  [["redrive", "status"], /--dlq is missing/],
  [["redrive", "status", "--dlq", "orders-dlq"], /--dlq is "orders-dlq": give the URL/],
  [["redrive", "status", "--dlq", elsewhere], /set AWS_REGION=eu-west-1/],
  [["redrive", "cancel", "--dlq", elsewhere], /set AWS_REGION=eu-west-1/],
  [["redrive", "cancel"], /--dlq is missing/],
  [["inspect", "--table", "t"], /OPERATION is missing; see lambda-once inspect --help/],
  [["inspect", "orders", "--table", "t"], /give either KEY or --hash HASH/],
  [["inspect", "orders", "a", "--hash", "a", "--table", "t"], /give either KEY or --hash HASH/],
  [["inspect", "orders", "a", "b"], /"b" is one argument too many/],
  [["inspect", "orders#a", "a", "--table", "t"], /the operation is "orders#a"/],
  [["inspect", "orders", "", "--table", "t"], /key is empty/],
  [["inspect", "orders", "--hash", "abc", "--table", "t"], /--hash is "abc": give 43 characters/],
  [["inspect", "orders", "--hash", "a".repeat(43), "--key-json", "--table", "t"], /--key-json is about a KEY/],
  [["inspect", "orders", "[1", "--key-json", "--table", "t"], /KEY is no JSON: \[1/],
  [["inspect", "orders", "null", "--key-json", "--table", "t"], /key is null/],
  [["inspect", "orders", '{"a":1}', "--key-json", "--table", "t"], /key is an object/],
  [["inspect", "orders", "a"], /name the table/],
  [["release", "orders", "a", "--table", "t"], /no prompt without a terminal, and nothing was done: give --yes/],
  [["release", "orders", "--yes", "--table", "t"], /give either KEY or --hash HASH/],
  [["list", "--table", "t"], /OPERATION is missing/],
  [["list", "orders", "a", "--table", "t"], /"a" is one argument too many/],
];

it.concurrent.for(rows)("%j", async ([args, says]) => {
  const { code, stdout, stderr } = await run(args, nowhere);
  expect(stderr).toMatch(says);
  expect(stderr).toMatch(/^lambda-once: [^\n]+\n$/);
  expect([code, stdout]).toEqual([1, ""]);
});

describe("an AWS that cannot be asked", () => {
  const without = (...names: string[]): Env => Object.fromEntries(Object.entries(nowhere).filter(([name]) => !names.includes(name)));
  const inspect = ["inspect", "orders", "a", "--table", "t"];
  const status = ["redrive", "status", "--dlq", url];
  it.concurrent.for([
    ["no region", inspect, without("AWS_REGION"), /set AWS_REGION/],
    ["no region", status, without("AWS_REGION"), /set AWS_REGION/],
    ["no credentials", inspect, without("AWS_ACCESS_KEY_ID"), /set AWS_PROFILE/],
    ["no credentials", status, without("AWS_ACCESS_KEY_ID"), /set AWS_PROFILE/],
    ["nobody there", inspect, nowhere, /ECONNREFUSED.*check the network/],
    ["nobody there", status, nowhere, /ECONNREFUSED.*check the network/],
  ] as const)("%s: %j", async ([, args, env, says]) => {
    const { code, stdout, stderr } = await run(args, env);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^lambda-once: [^\n]+\n$/);
    expect([code, stdout]).toEqual([1, ""]);
  });
});
