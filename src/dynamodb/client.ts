import {
  type BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  DynamoDBClient,
  type GetItemCommand,
  type PutItemCommand,
  type UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { fail } from "../core/check.ts";
import type { Item } from "./item.ts";
import { watchTries } from "./tries.ts";

/** What both clients have in common: they send this SDK's commands, and answer in AttributeValues. */
export interface Sender {
  send(command: PutItemCommand | UpdateItemCommand, options?: SendOptions): Promise<unknown>;
  send(command: GetItemCommand, options?: SendOptions): Promise<{ Item?: Item | undefined }>;
  send(command: BatchGetItemCommand, options?: SendOptions): Promise<Pick<BatchGetItemCommandOutput, "Responses" | "UnprocessedKeys">>;
  readonly middlewareStack?: DynamoDBClient["middlewareStack"];
}

interface SendOptions {
  readonly abortSignal?: AbortSignal | undefined;
}

/** A client that is watched; the default one where none is given. */
export function senderOf(client: unknown = defaultClient(), path: string): Sender {
  if (typeof (client as Partial<Sender> | null)?.send !== "function")
    throw fail(path, client, "give a DynamoDBClient or a DynamoDBDocumentClient");
  const sender = client as Sender;
  watchTries(sender);
  return sender;
}

function defaultClient(): DynamoDBClient {
  // Without throwOnRequestTimeout the SDK only logs a warning when an answer does not come; socketTimeout is for one that
  // begins and does not end.
  return new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 1000, socketTimeout: 1000, throwOnRequestTimeout: true },
  });
}
