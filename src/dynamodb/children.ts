import { nameOf, type StoredRecord } from "../core/record.ts";
import { StoreFailure } from "../core/store.ts";
import type { Item } from "./item.ts";
import { partitionKey, resultAttribute, resultSortKey, sortKey, timeToLiveAttribute } from "./table.ts";

/** Children outlive the record that counts them, so that a reader of it finds them. Seconds. */
const outliveSeconds = 86_400;
/** So many children are written at a time. */
const writersAtOnce = 4;

/** The run that children belong to: named by its owner, no other run writes or reads them. */
type Parent = Pick<StoredRecord, "id" | "owner">;

/** The items that hold a result in chunks; `expiresAt` is their record's, epoch seconds. */
export function childItems(parent: Parent, chunks: readonly Uint8Array[], expiresAt: number): Item[] {
  return chunks.map((chunk, n) => ({
    ...childKey(parent, n),
    [resultAttribute]: { B: chunk },
    [timeToLiveAttribute]: { N: String(expiresAt + outliveSeconds) },
  }));
}

/**
 * Writes what is pending, a few at a time, until it is too late. What is written leaves the set, so that another try goes
 * on from there.
 */
export async function putChildren(pending: Set<Item>, put: (item: Item) => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const queue = [...pending];
  const next = (): Item | undefined => (signal?.aborted === true ? undefined : queue.shift());
  async function work(): Promise<void> {
    for (let item = next(); item !== undefined; item = next()) {
      try {
        await put(item);
      } catch (error) {
        queue.length = 0; // it will be tried again as a whole: nothing goes on behind the caller's back
        throw error;
      }
      pending.delete(item);
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: writersAtOnce }, work));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** What a reader has of a record's children. */
export interface Gathering {
  readonly keys: readonly Item[];
  readonly found: Map<string, Uint8Array>;
  /** Keys that DynamoDB has not answered for. */
  pending: readonly Item[];
}

export function gatheringOf(parent: Parent, chunks: number): Gathering {
  const keys = Array.from({ length: chunks }, (_, n) => childKey(parent, n));
  return { keys, found: new Map(), pending: keys };
}

/**
 * Takes in one answer.
 *
 * @returns the whole, or undefined where DynamoDB answered that a child is not there.
 * @throws StoreFailure `conflict` while there are keys that DynamoDB did not process: they are to be asked for again.
 */
export function gather(gathering: Gathering, items: readonly Item[], unprocessed: readonly Item[]): Uint8Array | undefined {
  const { found, keys } = gathering;
  for (const item of items) {
    const bytes = item[resultAttribute]?.B;
    if (bytes !== undefined) found.set(nameIn(item), bytes);
  }
  gathering.pending = unprocessed;
  if (unprocessed.length > 0) {
    const message = `DynamoDB left ${unprocessed.length} of ${keys.length} items of a result unprocessed`;
    throw new StoreFailure("conflict", message, { maybeApplied: false });
  }
  const parts = keys.map((key) => found.get(nameIn(key)));
  return parts.every((part) => part !== undefined) ? Buffer.concat(parts) : undefined;
}

function childKey({ id, owner }: Parent, n: number): Item {
  return { [partitionKey]: { S: `${nameOf(id)}#${owner}#${n}` }, [sortKey]: { S: resultSortKey } };
}

function nameIn(item: Item): string {
  return item[partitionKey]?.S ?? "";
}
