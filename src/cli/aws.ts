// The clients of a command, made from the environment.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Store } from "../core/store.ts";
import { dynamodbStore } from "../dynamodb/index.ts";
import { tableNameVariable } from "../dynamodb/table.ts";
import type { Given } from "./command.ts";
import { Refusal } from "./failure.ts";

/** More patient than a handler may be, and less than a run's lock lasts. */
const patience = { maxAttempts: 4, requestHandler: { connectionTimeout: 3000, requestTimeout: 4000, throwOnRequestTimeout: true } };

export interface Table {
  readonly client: DynamoDBClient;
  readonly name: string;
  readonly store: Store;
}

/** @throws UsageError where no table is named. */
export function tableOf(given: Given): Table {
  const name = tableNameOf(given);
  if (name === undefined) throw given.wrong(`name the table by --table, or in the environment variable ${tableNameVariable}`);
  const client = new DynamoDBClient(patience);
  return { client, name, store: dynamodbStore({ tableName: name, client }) };
}

export function tableNameOf(given: Given): string | undefined {
  return given.text("table") ?? (process.env[tableNameVariable] || undefined);
}

/** A client that begins no receive any more once `signal` aborts: a look at a queue ends, and makes visible what it has seen. */
export function sqsOf(signal?: AbortSignal): SQSClient {
  // An endpoint of the environment is meant, whatever host the queue's URL has.
  const isRedirected = ["AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL"].some((name) => (process.env[name] ?? "") !== "");
  const sqs = new SQSClient({ ...patience, useQueueUrlAsEndpoint: !isRedirected });
  sqs.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        checkRegion(args.input, await sqs.config.region());
        if (signal?.aborted === true && commandName === "ReceiveMessageCommand") throw new Interrupted();
        return next(args);
      },
    { step: "initialize", name: "lambda-once-interrupt" },
  );
  return sqs;
}

// SQS itself would only say that a signature is wrong.
function checkRegion(input: object, region: string): void {
  const url = "QueueUrl" in input ? String(input.QueueUrl) : "";
  const [, own = region] = /^https?:\/\/(?:[^/]+\.)?sqs(?:-fips)?\.([a-z]+(?:-[a-z]+)+-\d+)\./.exec(url) ?? [];
  if (own !== region) throw new Refusal(`${url} is in ${own}, and the region here is ${region}: set AWS_REGION=${own}`);
}

export class Interrupted extends Refusal {
  constructor() {
    super("it was told to stop");
  }
}
