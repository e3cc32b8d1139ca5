// The two libraries, each wrapping the same handler: defaults, and a key from the event's order id.
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { idempotent, type Store } from "../src/index.ts";
import { dynamodbStore, type DynamodbStoreOptions } from "../src/dynamodb/index.ts";
import type { SqsOptions } from "../src/sqs/index.ts";
import { maxItemBytes } from "../src/dynamodb/results.ts";
import { partitionKey, sortKey } from "../src/dynamodb/table.ts";

export type LibraryName = "ours" | "peer";

/** Where a library keeps its records. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** Delivers the event of an order to a wrapped handler. */
export type Deliver = (orderId: string) => Promise<unknown>;

export interface Library {
  /** The key attributes of its table. */
  readonly keyNames: readonly string[];
  /** Wraps a handler that does `work` and answers with what that returns. */
  wrap(work: () => unknown, table: Table): Deliver;
}

interface OrderEvent {
  readonly orderId: string;
}

/** Results are kept in the claim item, as they are. */
export const uncompressed: Changes = { options: { compressAboveBytes: Number.MAX_SAFE_INTEGER, inlineLimitBytes: maxItemBytes } };

const name = "bench";
const timeoutMs = 30_000;

/** What a bench may change of ours: nothing but to plant a regression, or to put a cache in front of the store. */
export interface Changes {
  readonly options?: Pick<DynamodbStoreOptions, "compressAboveBytes" | "inlineLimitBytes">;
  readonly cache?: (store: Store) => Store;
  readonly sqs?: Pick<SqsOptions, "concurrency">;
}

export function ourLibrary({ options, cache = (store) => store }: Changes = {}): Library {
  return {
    keyNames: [partitionKey, sortKey],
    wrap(work, table) {
      const handler = async (_event: OrderEvent, _context: object): Promise<unknown> => work();
      const store = cache(dynamodbStore({ ...options, ...table }));
      return deliverTo(idempotent(handler, { store, operation: name, key: (event) => event.orderId }));
    },
  };
}

const peer: Library = {
  keyNames: ["id"],
  wrap(work, { client, tableName }) {
    const handler = async (_event: OrderEvent, _context: object): Promise<unknown> => work();
    const persistenceStore = new DynamoDBPersistenceLayer({ tableName, awsSdkV3Client: client });
    const config = new IdempotencyConfig({ eventKeyJmesPath: "orderId" });
    return deliverTo(makeIdempotent(handler, { persistenceStore, config, keyPrefix: name }));
  },
};

export const libraries: Readonly<Record<LibraryName, Library>> = { ours: ourLibrary(), peer };

function deliverTo(handler: (event: OrderEvent, context: object) => Promise<unknown>): Deliver {
  // What both look at of Lambda's context.
  const context = { awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd", getRemainingTimeInMillis: () => timeoutMs };
  return (orderId) => handler({ orderId }, context);
}
