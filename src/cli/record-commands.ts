import type { Command } from "./command.ts";

const keys =
  "KEY is the key as text. A number, a boolean or a list is another key than its text: --key-json reads KEY as JSON. For a\nbigint, which JSON has not, and wherever only the hash is known, there is --hash.";

export const recordCommands: readonly Command[] = [
  {
    name: "inspect",
    takes: ["OPERATION", "(KEY | --hash HASH)"],
    summary: "show the record of a key",
    options: ["hash", "key-json", "table", "json"],
    details: [
      keys,
      "The first line is its status: in_progress, lapsed (its run ended without an answer), completed, failed, held (nobody\nknows the outcome), released, expired, or none. The result is never shown.",
    ],
    examples: [
      "lambda-once inspect orders order-1",
      `lambda-once inspect orders '["customer-7", 42]' --key-json`,
      "lambda-once inspect orders --hash 47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU --json",
    ],
    load: () => import("./commands/inspect.ts"),
  },
  {
    name: "release",
    takes: ["OPERATION", "(KEY | --hash HASH)"],
    summary: "free a key that is failed, held or lapsed, so that its next delivery runs",
    options: ["hash", "key-json", "table", "yes", "json"],
    details: [
      keys,
      "Find out first what the run did: the next one does it again. A key that is running, completed or free is refused.\nShows the record and asks, unless --yes is given; without a terminal it does not ask, and needs --yes.",
    ],
    examples: ["lambda-once release orders order-1", "lambda-once release orders order-1 --yes"],
    load: () => import("./commands/release.ts"),
  },
  {
    name: "list",
    takes: ["OPERATION"],
    summary: "list the records of an operation; reads the whole table",
    options: ["lapsed", "held", "failed", "table", "json"],
    details: ["A Scan: it costs as much as the table is large. Of --lapsed, --held and --failed several may be given."],
    examples: ["lambda-once list orders --held", "lambda-once list orders --lapsed --failed --json | jq -r '.[].keyHash'"],
    load: () => import("./commands/list.ts"),
  },
];
