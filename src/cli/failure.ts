// What went wrong, as one line for a person.
import { IdempotencyError, describeError } from "../core/errors.ts";
import { StoreFailure } from "../core/store.ts";
import { plain } from "./output.ts";

/** What the command itself refuses. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** How it was called is wrong; `help` shows how it is right. */
export class UsageError extends Refusal {
  constructor(message: string, help: string) {
    super(`${message}; see ${help}`);
  }
}

/** What the library calls these. */
const flags: Partial<Record<string, string>> = {
  deadLetterQueueUrl: "--dlq",
  operation: "the operation",
  journal: "--journal",
  retentionSeconds: "--retention-seconds",
  sourceQueueArn: "--source-queue",
};

const hints: readonly (readonly [RegExp, string])[] = [
  [/Region is missing/, "set AWS_REGION, or a region in the profile that AWS_PROFILE names"],
  [
    /CredentialsProviderError|Could not load credentials|TokenProviderError/,
    "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with the AWS CLI",
  ],
  [/ExpiredToken|token (included in the request )?(is|has) expired/i, "sign in again"],
  [/ResourceNotFoundException/, "its name is --table or IDEMPOTENCY_TABLE, its region AWS_REGION"],
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|TimeoutError/, "check the network, AWS_REGION and the AWS_ENDPOINT_URL_… that are set"],
  [
    /Cannot find (package|module) '@aws-sdk\/|@aws-sdk\/[a-z-]+' imported from/,
    "the AWS SDK is yours to install: npm install @aws-sdk/client-sqs @aws-sdk/client-dynamodb",
  ],
];

export function lineOf(error: unknown): string {
  if (error instanceof Refusal) return plain(error.message);
  const known = textOf(error);
  const hint = hints.find(([pattern]) => pattern.test(`${nameOf(error)} ${known}`))?.[1];
  const text = `${known}${hint === undefined ? "" : `; ${hint}`}`;
  const code = codeOf(error);
  return plain(code === undefined ? text : `${text} (${code})`);
}

function textOf(error: unknown): string {
  const { message, code } = describeError(error);
  if (error instanceof IdempotencyError) {
    const flag = flags[error.path ?? ""];
    return flag !== undefined && message.startsWith(`${error.path} is `) ? message.replace(error.path ?? "", flag) : message;
  }
  return message === "" ? String(code ?? nameOf(error)) : message;
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof IdempotencyError) return error.code;
  if (error instanceof StoreFailure) return error.kind;
  const name = nameOf(error);
  return name === "Error" ? undefined : name;
}

function nameOf(error: unknown): string {
  return describeError(error).name;
}
