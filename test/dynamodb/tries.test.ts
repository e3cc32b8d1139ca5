// What became of each try of a request, as the SDK itself does not tell.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { dynamodbStore } from "../../src/dynamodb/index.ts";

const id = { operation: "charge", keyHash: "hash" };

type Try = "throttled" | "dropped";

function clientThatMeets(tries: Try[], cacheMiddleware: boolean): DynamoDBClient {
  const handle = async (): Promise<{ response: object }> => {
    if (tries.shift() !== "throttled") throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET", name: "TimeoutError" });
    const body = new TextEncoder().encode(JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#ThrottlingException" }));
    return { response: { statusCode: 400, headers: { "content-type": "application/x-amz-json-1.0" }, body } };
  };
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new DynamoDBClient({ region: "us-east-1", credentials, maxAttempts: 2, cacheMiddleware, requestHandler: { handle } as never });
}

it.for([false, true])("each request has its own, also where the client caches its middleware: %s", async (cacheMiddleware) => {
  const tries: Try[] = ["throttled", "dropped", "dropped", "dropped", "throttled", "throttled"];
  const store = dynamodbStore({ tableName: "table", client: clientThatMeets(tries, cacheMiddleware) });
  await expect(store.read(id)).rejects.toMatchObject({ kind: "throttled", maybeApplied: true });
  await expect(store.read(id)).rejects.toMatchObject({ kind: "unreachable", maybeApplied: true });
  await expect(store.read(id)).rejects.toMatchObject({ kind: "throttled", maybeApplied: false });
});
