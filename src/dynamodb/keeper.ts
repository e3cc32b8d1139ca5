import { lostEncoding } from "../core/codec.ts";
import { messageOf } from "../core/errors.ts";
import type { StoredRecord } from "../core/record.ts";
import { asFailure, type ClaimRef, endedMembers, type KeptResult, type Outcome, StoreFailure } from "../core/store.ts";
import { childItems, gather, type Gathering, gatheringOf, putChildren } from "./children.ts";
import type { Item } from "./item.ts";
import type { Requests } from "./requests.ts";
import { type Layout, layOut, type ResultLimits, textIn } from "./results.ts";

/** Keeps results with their records and beside them. */
export interface ResultKeeper {
  /**
   * What an outcome makes of its record, once all that stands beside it is written.
   *
   * @throws StoreFailure of part `result`; another try goes on from there.
   */
  keep(claim: ClaimRef, outcome: Outcome): Promise<{ readonly members: Partial<StoredRecord>; readonly kept: KeptResult | undefined }>;
  /** The text of a record's result; undefined for what is not there any more and for what cannot be decoded. */
  text(record: StoredRecord): Promise<string | undefined>;
}

/** A result on its way into the table. */
interface Keeping {
  readonly text: string;
  /** Its layout, and the items of it that are still to be written. */
  readonly laidOut: Promise<{ readonly layout: Layout; readonly pending: Set<Item> }>;
  /** What the last try met. */
  trouble?: string;
}

export function resultKeeper({ putItem, readItems }: Pick<Requests, "putItem" | "readItems">, limits: ResultLimits): ResultKeeper {
  // What was begun for a claim, or for a reader, goes on where its next try is made: nothing is compressed or sent twice.
  const kept = new WeakMap<ClaimRef, Keeping>();
  const gathered = new WeakMap<StoredRecord, Gathering>();

  function keepingOf(claim: ClaimRef, text: string, encoding: string, expiresAt: number): Keeping {
    const before = kept.get(claim);
    if (before?.text === text) return before;
    const laidOut = layOut(encoding, text, limits).then((layout) => ({
      layout,
      pending: new Set(childItems(claim, layout.chunks, expiresAt)),
    }));
    const keeping = { text, laidOut };
    kept.set(claim, keeping);
    return keeping;
  }

  async function written(keeping: Keeping, signal: AbortSignal | undefined): Promise<Layout> {
    const { layout, pending } = await keeping.laidOut;
    try {
      await putChildren(pending, (item) => putItem(item, signal), signal);
    } catch (error) {
      keeping.trouble = messageOf(error);
      throw error;
    }
    if (pending.size > 0) throw tooLate(keeping);
    return layout;
  }

  return {
    async keep(claim, outcome) {
      const members = endedMembers(outcome);
      if (outcome.status !== "completed") return { members, kept: undefined };
      const { encoding, text = "" } = outcome;
      const bytes = Buffer.byteLength(text);
      // Most results are short, and go as they are.
      if (bytes <= Math.min(limits.compressAboveBytes, limits.inlineLimitBytes)) return { members, kept: { encoding, bytes } };
      try {
        const keeping = keepingOf(claim, text, encoding, outcome.expiresAt);
        const signal = outcome.resultSignal?.();
        const layout = await unlessAborted(signal, written(keeping, signal), () => tooLate(keeping));
        return { members: { ...members, result: undefined, ...layout.members }, kept: layout.kept };
      } catch (error) {
        const { kind, message, cause } = asFailure(error);
        throw new StoreFailure(kind, message, { maybeApplied: false, part: "result", cause });
      }
    },
    async text(record) {
      const { encoding = lostEncoding, result, chunks } = record;
      if (chunks === undefined) return result === undefined ? undefined : textIn(encoding, result);
      const gathering = gathered.get(record) ?? gatheringOf(record, chunks);
      gathered.set(record, gathering);
      const { items, unprocessed } = await readItems(gathering.pending);
      const bytes = gather(gathering, items, unprocessed);
      gathered.delete(record);
      return bytes === undefined ? undefined : textIn(encoding, bytes);
    },
  };
}

function tooLate({ trouble }: Keeping): StoreFailure {
  const message = `the result could not be written in time${trouble === undefined ? "" : `: ${trouble}`}`;
  return new StoreFailure("unreachable", message, { maybeApplied: false });
}

/** What is made of a result, compression included, unless it is given up before. */
function unlessAborted<T>(signal: AbortSignal | undefined, made: Promise<T>, late: () => StoreFailure): Promise<T> {
  if (signal === undefined) return made;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(late());
    signal.addEventListener("abort", giveUp, { once: true });
    made.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}
