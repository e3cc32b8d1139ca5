import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, inject } from "vitest";
import { startEmbedded } from "../engines/embedded.ts";
import type { Engine } from "../engines/engine.ts";
import { clientOf } from "./table.ts";

/** DynamoDB Local for the tests of a file, and where that is missing the embedded engine; there once a test or a hook runs. */
export function suiteDynamodb(): () => DynamoDBClient {
  let embedded: Engine | undefined;
  let client: DynamoDBClient | undefined;
  beforeAll(async () => {
    const endpoint = inject("dynamodbLocal");
    if (endpoint === "") embedded = await startEmbedded();
    client = clientOf(embedded?.endpoint ?? endpoint);
  });
  afterAll(async () => {
    client?.destroy();
    await embedded?.stop();
  });
  return () => {
    if (client === undefined) throw new Error("DynamoDB has not been started yet: use it in a test or a hook");
    return client;
  };
}
