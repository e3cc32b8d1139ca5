// The options of all commands.

export interface Option {
  /** What stands for its value in the help; none: it is a switch. */
  readonly value?: string;
  readonly help: string;
}

export type OptionName =
  | "dlq"
  | "operation"
  | "key-from"
  | "fingerprint-from"
  | "on-lease-expired"
  | "retention-seconds"
  | "source-queue"
  | "max"
  | "out"
  | "plan"
  | "journal"
  | "rate"
  | "mode"
  | "discard-duplicates"
  | "release-lapsed"
  | "hash"
  | "key-json"
  | "lapsed"
  | "held"
  | "failed"
  | "table"
  | "yes"
  | "json"
  | "help";

export const options: Readonly<Record<OptionName, Option>> = {
  dlq: { value: "URL", help: "the dead-letter queue" },
  operation: { value: "NAME", help: "the operation, as the handler's options have it" },
  "key-from": { value: "FILE#EXPORT", help: "the handler's own `key`, a function of a module; without #EXPORT its default export" },
  "fingerprint-from": { value: "FILE#EXPORT", help: "the handler's own `fingerprint`, the same way" },
  "on-lease-expired": { value: "run|throw", help: "the handler's `onLeaseExpired`: run (the default) or throw" },
  "retention-seconds": { value: "N", help: "the handler's `retentionSeconds`" },
  "source-queue": { value: "ARN", help: "only messages that came from this queue (default: from each whose dead letters go there)" },
  max: { value: "N", help: "look at so many messages at most (default: all)" },
  out: { value: "FILE", help: "write the plan there; a file that exists is not overwritten" },
  plan: { value: "FILE", help: "what `redrive plan --out FILE` wrote" },
  journal: { value: "FILE", help: "what was done, line by line; the same one again goes on where a run ended" },
  rate: { value: "N", help: "messages a second, 1 to 500 (default: 10)" },
  mode: { value: "selective|bulk", help: "selective (the default): one by one; bulk: all by SQS's own move task" },
  "discard-duplicates": { help: "delete messages whose work is done; else they are sent back, and answered from their record" },
  "release-lapsed": { help: "free the keys of runs that ended without an answer, under --on-lease-expired throw" },
  hash: { value: "HASH", help: "the key's hash in place of the key, as `list`, logs and plans show it" },
  "key-json": { help: 'KEY is JSON: ["customer-7", 42], 42, true; else it is text' },
  lapsed: { help: "only runs that ended without an answer" },
  held: { help: "only those whose outcome nobody knows" },
  failed: { help: "only those that failed for good" },
  table: { value: "NAME", help: "the table of the records (default: IDEMPOTENCY_TABLE)" },
  yes: { help: "do not ask" },
  json: { help: "JSON on stdout, and nothing else there" },
  help: { help: "this text" },
};
