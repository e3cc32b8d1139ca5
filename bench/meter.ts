// What a client's requests cost, as AWS would bill them.
import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { itemSize } from "./item-size.ts";

/** On demand, us-east-1, US dollars a million request units: https://aws.amazon.com/dynamodb/pricing/on-demand/ */
const dollarsPerMillion = { write: 0.625, read: 0.125 };
const kilobyte = 1024;

export interface Bill {
  /** Each try is one. */
  readonly requests: number;
  readonly writeUnits: number;
  readonly readUnits: number;
}

interface Capacity {
  readonly CapacityUnits?: number;
}

interface Refusal {
  readonly name?: string;
  readonly Item?: Record<string, AttributeValue>;
}

/** US dollars for a million such bills. */
export function dollarsOf({ writeUnits, readUnits }: Bill): number {
  return writeUnits * dollarsPerMillion.write + readUnits * dollarsPerMillion.read;
}

/** Counts what a client sends; the returned function gives the bill since it was last asked. */
export function meter(client: DynamoDBClient): () => Bill {
  const bill = { requests: 0, writeUnits: 0, readUnits: 0 };
  client.middlewareStack.add(
    (next) => (args) => next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } as typeof args.input }),
    { step: "initialize" },
  );
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        bill.requests++;
        try {
          const answer = await next(args);
          bill[isRead(commandName) ? "readUnits" : "writeUnits"] += unitsOf(answer.output);
          return answer;
        } catch (error) {
          bill.writeUnits += refusedUnits(error as Refusal);
          throw error;
        }
      },
    // Inside of the SDK's own retries.
    { step: "finalizeRequest", priority: "low" },
  );
  return () => {
    const counted = { ...bill };
    Object.assign(bill, { requests: 0, writeUnits: 0, readUnits: 0 });
    return counted;
  };
}

function isRead(commandName: string): boolean {
  return /^(Get|BatchGet|Query|Scan)/.test(commandName);
}

function unitsOf(output: object): number {
  const { ConsumedCapacity: capacity } = output as { readonly ConsumedCapacity?: Capacity | readonly Capacity[] };
  if (capacity === undefined) throw new Error("the engine did not say what a request consumes");
  return (Array.isArray(capacity) ? (capacity as readonly Capacity[]) : [capacity as Capacity]).reduce(
    (units, { CapacityUnits = 0 }) => units + CapacityUnits,
    0,
  );
}

/**
 * DynamoDB Local does not tell what a refused write consumes: the item that exists, by the KB, at least one.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
function refusedUnits({ name, Item }: Refusal): number {
  if (name !== "ConditionalCheckFailedException") return 0; // invalid or throttled: nothing is billed
  if (Item === undefined) throw new Error("a refused write did not show the item that it is priced by");
  return Math.max(1, Math.ceil(itemSize(Item) / kilobyte));
}
