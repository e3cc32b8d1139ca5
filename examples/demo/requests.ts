import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** Requests by action, such as PutItem; a retry of the SDK counts like every other. */
export type Requests = ReadonlyMap<string, number>;

/** Counts what a client really sends. */
export function countRequests(client: DynamoDBClient): Requests {
  const sent = new Map<string, number>();
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      (args) => {
        const action = commandName.replace(/Command$/, "");
        sent.set(action, (sent.get(action) ?? 0) + 1);
        return next(args);
      },
    // The SDK retries at the start of this step: at its end each try comes by.
    { step: "finalizeRequest", priority: "low", name: "countRequests" },
  );
  return sent;
}

export function totalOf(requests: Requests): number {
  return [...requests.values()].reduce((sum, count) => sum + count, 0);
}
