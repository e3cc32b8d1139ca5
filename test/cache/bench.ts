import type { RecordId, StoredRecord } from "../../src/core/record.ts";
import type { Store } from "../../src/core/store.ts";
import { cached, type CachedOptions } from "../../src/cache/cached.ts";
import { refFor } from "../../src/testing/conformance/cases.ts";
import { type Bench, memoryBench } from "../support/bench.ts";

/** The bench in memory with a cache in front. */
export interface CacheBench extends Bench {
  readonly cache: Store;
  /** The record that a newcomer is answered with from the cache; undefined where the store was asked. */
  known(id: RecordId): Promise<StoredRecord | undefined>;
}

/** `apart`: results are compressed and beside their record; `result` alone has the text. */
export async function openCache(options: CachedOptions & { apart?: boolean } = {}): Promise<CacheBench> {
  const { apart = false, ...bounds } = options;
  const bench = await memoryBench.open();
  const texts = new Map<string, string>();
  const under = apart ? resultsApart(bench.store, texts) : bench.store;
  const cache = cached(under, bounds);
  return {
    ...bench,
    store: cache,
    others: apart ? resultsApart(bench.others, texts) : bench.others,
    cache,
    async known(id) {
      const asked = bench.faults.log.length;
      const answer = await cache.claim(refFor(id, { owner: "newcomer" }));
      return bench.faults.log.length === asked && !answer.applied ? answer.record : undefined;
    },
  };
}

function resultsApart(store: Store, texts: Map<string, string>): Store {
  return {
    ...store,
    async settle(claim, outcome) {
      if (outcome.status !== "completed" || outcome.text === undefined) return store.settle(claim, outcome);
      texts.set(claim.owner, outcome.text);
      const encoding = `${outcome.encoding}+br`;
      const answer = await store.settle(claim, { ...outcome, encoding, text: undefined });
      return answer.applied ? { applied: true, kept: { encoding, bytes: 1 } } : answer;
    },
    // Through the store, for its faults.
    result: async (record) => (await store.result(record)) ?? texts.get(record.owner),
  };
}
