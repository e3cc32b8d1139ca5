import { nameOf, type RecordId, type StoredRecord } from "../../src/core/record.ts";
import { StoreFailure, type Store } from "../../src/core/store.ts";
import { type Records, storeOver } from "../../src/memory/records.ts";
import { testClock, type TestClock } from "./clock.ts";
import { type CallName, type Fault, type Faults, planFaults } from "./faults.ts";

/** A store in which the test decides what is applied, lost or delayed. */
export interface Bench {
  readonly clock: TestClock;
  readonly faults: Faults;
  /** Meets the faults; each request is tried once. */
  readonly store: Store;
  /** Meets the faults; a request without an answer, or throttled, is tried up to three times, as the SDK does. */
  readonly retrying: Store;
  /** Meets no faults: for what others do, and to look. */
  readonly others: Store;
  /** TTL deletes the record. */
  remove(id: RecordId): Promise<void>;
  /** Writes a record as it stands, past all conditions. */
  put(record: StoredRecord): Promise<void>;
}

export interface BenchKind {
  readonly name: string;
  readonly available: boolean;
  open(): Promise<Bench>;
}

/** The bench in memory. */
export const memoryBench: BenchKind = {
  name: "a store of the test's own",
  available: true,
  async open() {
    const clock = testClock({ auto: true });
    const faults = planFaults();
    const records: Records = new Map();
    const others = storeOver(records, clock);
    return {
      clock,
      faults,
      others,
      store: withFaults(others, faults, 1),
      retrying: withFaults(others, faults, 3),
      remove: async (id) => void records.delete(nameOf(id)),
      put: async (record) => void records.set(nameOf(record.id), record),
    };
  },
};

function withFaults(store: Store, faults: Faults, tries: number): Store {
  const wrap =
    <A extends unknown[], R>(name: CallName, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      let lost = false;
      let throttled = false;
      for (let attempt = 1; ; attempt++) {
        try {
          return await meet(faults.next(name), () => call(...args));
        } catch (error) {
          if (!(error instanceof StoreFailure)) throw error;
          lost ||= error.maybeApplied;
          throttled ||= error.kind === "throttled";
          if (attempt === tries || error.kind === "misconfigured" || error.kind === "conflict") {
            const kind = throttled && error.kind === "unreachable" ? "throttled" : error.kind;
            throw new StoreFailure(kind, error.message, { maybeApplied: lost });
          }
        }
      }
    };
  return {
    clock: store.clock,
    claim: wrap("claim", store.claim),
    takeOver: wrap("takeOver", store.takeOver),
    settle: wrap("settle", store.settle),
    extend: wrap("extend", store.extend),
    read: wrap("read", store.read),
    result: wrap("result", store.result),
    release: wrap("release", store.release),
  };
}

async function meet<T>({ answer, before, after }: Fault, call: () => Promise<T>): Promise<T> {
  await before?.();
  if (answer === "throttled" || answer === "conflict") throw new StoreFailure(answer, answer, { maybeApplied: false });
  if (answer === "denied") throw new StoreFailure("misconfigured", "denied", { maybeApplied: false });
  const said = answer === "unsent" ? undefined : await call();
  await after?.();
  if (answer !== undefined) throw new StoreFailure("unreachable", "no answer", { maybeApplied: true });
  return said as T;
}
