export type { Clock } from "./core/clock.ts";
export type { Codec } from "./core/codec.ts";
export { IdempotencyError, type IdempotencyErrorCode, type KeptError, ReplayedError } from "./core/errors.ts";
export type { IdempotencyEvent } from "./core/events.ts";
export { currentExecution, type Execution } from "./core/execution.ts";
export { payloadKey } from "./core/fingerprint.ts";
export type { KeyInput } from "./core/key.ts";
export { expiryAfter } from "./core/lease.ts";
export type { ErrorPolicy, IdempotencyOptions, Replay } from "./core/options.ts";
export type { RecordId, Status, StoredRecord } from "./core/record.ts";
export {
  type Answer,
  type ClaimRef,
  type ClaimRequest,
  type KeptResult,
  type Outcome,
  type Store,
  StoreFailure,
  type StoreFailureKind,
} from "./core/store.ts";
export { idempotent } from "./lambda/idempotent.ts";
