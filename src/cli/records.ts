// Records as a person is shown them: without the result, and the key as its hash.
import { type KeptError, defined } from "../core/errors.ts";
import { hashKey } from "../core/key.ts";
import type { RecordId, StoredRecord } from "../core/record.ts";
import { judge } from "../core/verdict.ts";
import type { Given } from "./command.ts";
import { plain, tableFor } from "./output.ts";

/** What a record says now. */
export type StatusWord = "in_progress" | "lapsed" | "completed" | "failed" | "held" | "released" | "expired" | "none";

/** Times are ISO 8601. */
export interface Shown {
  readonly status: StatusWord;
  readonly operation: string;
  readonly keyHash: string;
  readonly attempt?: number;
  readonly startedAt?: string;
  readonly leaseUntil?: string;
  readonly completedAt?: string;
  readonly expiresAt?: string;
  readonly encoding?: string;
  readonly error?: KeptError;
  readonly requestId?: string;
  readonly messageId?: string;
}

/** Which record a command line names. @throws UsageError for one that names none, or two. */
export function recordIdOf(given: Given): RecordId {
  const [, key] = given.positionals;
  const operation = operationOf(given);
  const hash = given.text("hash");
  if ((key === undefined) === (hash === undefined)) throw given.wrong("give either KEY or --hash HASH");
  if (hash !== undefined && given.flag("key-json")) throw given.wrong("--key-json is about a KEY, and --hash gives none");
  if (hash !== undefined && !/^[\w-]{43}$/.test(hash)) throw given.wrong(`--hash is "${hash}": give 43 characters of A-Z a-z 0-9 - _`);
  return { operation, keyHash: hash ?? hashKey(given.flag("key-json") ? parsed(given, key ?? "") : key) };
}

export function operationOf(given: Given): string {
  const [operation] = given.positionals;
  if (operation === undefined) throw given.wrong("OPERATION is missing");
  if (!/^[\w.:/-]{1,64}$/.test(operation))
    throw given.wrong(`the operation is "${operation}": give 1 to 64 characters of A-Z a-z 0-9 _ . : / -`);
  return operation;
}

function parsed(given: Given, key: string): unknown {
  try {
    return JSON.parse(key);
  } catch {
    throw given.wrong(`KEY is no JSON: ${key}`);
  }
}

/** @throws IdempotencyError `CONFIG_INVALID` for a record of a newer format. */
export function statusOf(record: StoredRecord | undefined, now: number): StatusWord {
  if (record === undefined) return "none";
  const verdict = judge(record, { owner: "", onLeaseExpired: "throw" }, now);
  switch (verdict.kind) {
    case "takeover":
      return verdict.from === "expired" ? "expired" : "released";
    case "unknown":
      return record.status === "held" ? "held" : "lapsed";
    case "mine":
    case "busy":
    case "mismatch":
    case "replay":
      return record.status;
  }
}

export function shown(id: RecordId, record: StoredRecord | undefined, now: number): Shown {
  const status = statusOf(record, now);
  if (record === undefined) return { status, ...id };
  const { attempt, startedAt, leaseUntil, completedAt, expiresAt, encoding, error, requestId, messageId } = record;
  return {
    status,
    ...id,
    attempt,
    startedAt: iso(startedAt),
    leaseUntil: iso(leaseUntil),
    expiresAt: iso(expiresAt * 1000),
    ...defined({
      completedAt: completedAt === undefined ? undefined : iso(completedAt),
      encoding,
      error: error === undefined ? undefined : (defined(error) as KeptError),
      requestId,
      messageId,
    }),
  };
}

/** Its status first, then what else is known. */
export function recordText(stream: NodeJS.WriteStream, { status, error, ...members }: Shown): string {
  const rows = Object.entries({ ...members, error: error === undefined ? undefined : errorText(error) });
  return `${status}\n${tableFor(
    stream,
    ["", ""],
    rows.filter(([, value]) => value !== undefined),
  )}`;
}

export function errorText({ name, message, statusCode, code }: KeptError): string {
  const numbers = [statusCode, code].filter((value) => value !== undefined).map(String);
  return plain([name, message === undefined || message === "" ? "" : `: ${message}`, ...numbers.map((value) => ` (${value})`)].join(""));
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
