import type { Store } from "../../src/core/store.ts";
import type { Records } from "../../src/memory/records.ts";

/** What a broken store does otherwise than the memory store over the same records. */
export type Break = (store: Store, records: Records) => Partial<Store>;

/** Breaks, each with the obligations that must catch it. */
export type NamedBreaks = Readonly<Record<string, readonly [caughtBy: readonly string[], broken: Break]>>;
