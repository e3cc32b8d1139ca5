import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

// The SDK tries a request several times and throws what the last try ended with. Whether an earlier one may have been
// applied, or was throttled, only the earlier ones tell: so each failed try is noted as it goes by.
const bySend = new WeakMap<object, unknown[]>();
const byLastError = new WeakMap<object, readonly unknown[]>();

/** Notes each failed try of a client's requests. */
export function watchTries(client: { readonly middlewareStack?: DynamoDBClient["middlewareStack"] }): void {
  client.middlewareStack?.add(
    (next, send) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const tries = bySend.get(send) ?? [];
        tries.push(error);
        bySend.set(send, tries);
        if (typeof error === "object" && error !== null) byLastError.set(error, tries);
        throw error;
      }
    },
    // Inside of the SDK's own retries.
    { step: "finalizeRequest", priority: "low", name: "lambdaOnceTries", override: true },
  );
}

/** What each try of a request ended with, by what its last one ended with; undefined where nobody watched. */
export function triesOf(lastError: unknown): readonly unknown[] | undefined {
  return typeof lastError === "object" && lastError !== null ? byLastError.get(lastError) : undefined;
}
