import type { Command } from "./command.ts";

const handlers = [
  "`key` and `fingerprint` are for handlers that have functions of their own: loaded from a module, ES or CommonJS, or",
  "TypeScript where Node strips its types. onLeaseExpired and retentionSeconds are the handler's, too.",
].join("\n");

const dlq = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders-dlq";

export const redriveCommands: readonly Command[] = [
  {
    name: "redrive plan",
    summary: "look at dead letters and their records, and say what is to become of each",
    options: [
      "dlq",
      "operation",
      "key-from",
      "fingerprint-from",
      "on-lease-expired",
      "retention-seconds",
      "source-queue",
      "max",
      "out",
      "table",
      "json",
    ],
    required: ["dlq", "operation"],
    details: [
      handlers,
      "Nothing is moved, deleted or written. Every message is received, which counts as a receive, and is visible again at\nthe end; Ctrl-C sees to that as well. After a kill they are visible again within 10 minutes.",
      'In the file a decision may be edited to "leave", and nothing else.',
    ],
    examples: [
      `lambda-once redrive plan --dlq ${dlq} --operation orders --out plan.json`,
      `lambda-once redrive plan --dlq ${dlq} --operation orders --key-from dist/keys.js#orderKey`,
      `lambda-once redrive plan --dlq ${dlq} --operation orders --json | jq '.entries[] | select(.decision == "leave")'`,
    ],
    load: () => import("./commands/plan.ts"),
  },
  {
    name: "redrive apply",
    summary: "do what a plan says, or less: what has changed since is left",
    options: [
      "plan",
      "journal",
      "key-from",
      "fingerprint-from",
      "on-lease-expired",
      "retention-seconds",
      "rate",
      "mode",
      "discard-duplicates",
      "release-lapsed",
      "table",
      "yes",
      "json",
    ],
    required: ["plan", "journal"],
    details: [
      handlers,
      "Shows what will happen and asks, unless --yes is given; without a terminal it does not ask, and needs --yes.",
      "Ctrl-C ends it after the messages in hand, a second one at once. Either way, and after a kill too, the same plan and\njournal again go on where it ended.",
    ],
    examples: [
      "lambda-once redrive apply --plan plan.json --journal plan.journal",
      "lambda-once redrive apply --plan plan.json --journal plan.journal --rate 100 --discard-duplicates --yes",
    ],
    load: () => import("./commands/apply.ts"),
  },
  {
    name: "redrive status",
    summary: "count a dead-letter queue, its source queues, and what its newest move task has moved",
    options: ["dlq", "table", "json"],
    required: ["dlq"],
    details: [
      'Begins with "running" or "not running": whether a move task of SQS, or a run of `redrive apply`, is under way. The\nlatter is known where a table is named. SQS\'s counts are approximate, and up to a minute old.',
    ],
    examples: [`lambda-once redrive status --dlq ${dlq}`],
    load: () => import("./commands/status.ts"),
  },
  {
    name: "redrive cancel",
    summary: "cancel the move task of a dead-letter queue, SQS's own",
    options: ["dlq", "json"],
    required: ["dlq"],
    details: ["What was moved stays moved. Where none is running, nothing is done, and that is an error."],
    examples: [`lambda-once redrive cancel --dlq ${dlq}`],
    load: () => import("./commands/cancel.ts"),
  },
];
