import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

// The SDK tries a request several times and throws what the last try ended with. Whether an earlier one may have been
// applied, or was throttled, only the earlier ones tell: so each failed try is noted as it goes by.
// By the request's input, which all of its tries share: a client may be told to share everything else among requests.
const byInput = new WeakMap<object, unknown[]>();
const byLastError = new WeakMap<object, readonly unknown[]>();

// One watcher a client for this copy of the library; another copy has its own.
const name = `lambdaOnceTries-${crypto.randomUUID()}`;

/** Notes each failed try of a client's requests. */
export function watchTries(client: { readonly middlewareStack?: DynamoDBClient["middlewareStack"] }): void {
  client.middlewareStack?.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const tries = byInput.get(args.input) ?? [];
        tries.push(error);
        byInput.set(args.input, tries);
        if (typeof error === "object" && error !== null) byLastError.set(error, tries);
        throw error;
      }
    },
    // Inside of the SDK's own retries.
    { step: "finalizeRequest", priority: "low", name, override: true },
  );
}

/** What each try of a request ended with, by what its last one ended with; undefined where nobody watched. */
export function triesOf(lastError: unknown): readonly unknown[] | undefined {
  return byLastError.get(lastError as object);
}
