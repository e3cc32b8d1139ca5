// What users hold in their hands, and what drivers implement.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expectTypeOf } from "vitest";
import {
  type ClaimRef,
  type ClaimRequest,
  type Clock,
  currentExecution,
  type Execution,
  type Outcome,
  payloadKey,
  type RecordId,
  type Store,
  type StoredRecord,
  StoreFailure,
} from "../../src/index.ts";
import { dynamodbStore } from "../../src/dynamodb/index.ts";
import { memoryStore } from "../../src/memory/store.ts";

expectTypeOf(currentExecution).toEqualTypeOf<() => Execution>();
expectTypeOf(payloadKey).toEqualTypeOf<(value: unknown) => string>();

declare const execution: Execution;
expectTypeOf(execution.signal).toEqualTypeOf<AbortSignal>();
expectTypeOf(execution.attempt).toEqualTypeOf<number>();
expectTypeOf(execution.deriveKey).toEqualTypeOf<(...names: string[]) => string>();
expectTypeOf(execution.extendLease).toEqualTypeOf<(ms: number) => Promise<void>>();
// @ts-expect-error read-only
execution.attempt = 2;
// @ts-expect-error read-only
execution.keyHash = "hash";
// @ts-expect-error names are texts
execution.deriveKey(1);
// @ts-expect-error milliseconds are a number
void execution.extendLease("1000");

// A driver of one's own: every method, and an optional clock.
declare const clock: Clock;
const answer = async (): Promise<{ applied: true }> => ({ applied: true });
export const own: Store = {
  claim: answer,
  takeOver: answer,
  settle: answer,
  extend: answer,
  release: answer,
  read: async () => undefined,
  result: async () => undefined,
};
export const timed: Store = { ...own, clock };
expectTypeOf(own.claim).parameters.toEqualTypeOf<[request: ClaimRequest]>();
expectTypeOf(own.takeOver).parameters.toEqualTypeOf<[seen: StoredRecord, request: ClaimRequest]>();
expectTypeOf(own.settle).parameters.toEqualTypeOf<[claim: ClaimRef, outcome: Outcome]>();
expectTypeOf(own.extend).parameters.toEqualTypeOf<[claim: ClaimRef, leaseUntil: number]>();
expectTypeOf(own.read).parameters.toEqualTypeOf<[id: RecordId]>();
expectTypeOf(own.result).returns.toEqualTypeOf<Promise<string | undefined>>();
expectTypeOf(own.release).parameters.toEqualTypeOf<[seen: StoredRecord]>();
// @ts-expect-error a method is missing
export const partial: Store = { claim: answer, takeOver: answer, settle: answer, extend: answer, read: own.read, result: own.result };
// @ts-expect-error an answer says whether the write was applied
export const mute: Store = { ...own, claim: async () => ({}) };
// @ts-expect-error a clock sleeps too
export const sleepless: Store = { ...own, clock: { now: Date.now } };

declare const record: StoredRecord;
// @ts-expect-error read-only
record.status = "completed";
// @ts-expect-error read-only
record.id.keyHash = "hash";

new StoreFailure("throttled", "why", { maybeApplied: false, cause: new Error("below") });
// @ts-expect-error whether it may have been applied has to be told
new StoreFailure("throttled", "why", {});
// @ts-expect-error no such kind
new StoreFailure("slow", "why", { maybeApplied: false });

// The stores.
const client = new DynamoDBClient({});
expectTypeOf(dynamodbStore()).toEqualTypeOf<Store>();
dynamodbStore({ tableName: "orders", client });
dynamodbStore({ tableName: undefined, client: DynamoDBDocumentClient.from(client) });
// @ts-expect-error no such option
dynamodbStore({ table: "orders" });
// @ts-expect-error no client
dynamodbStore({ client: {} });
expectTypeOf(memoryStore()).toEqualTypeOf<Store>();
memoryStore({ clock });
// @ts-expect-error no such option
memoryStore({ maxItems: 1 });
