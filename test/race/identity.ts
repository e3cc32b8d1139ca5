import { hashKey } from "../../src/core/key.ts";
import type { RecordId } from "../../src/core/record.ts";

/** The one key that all deliveries of a schedule carry. */
export const id: RecordId = { operation: "charge", keyHash: hashKey("order-1") };

/** Whose run of an older build may hold the key at the start. */
export const olderOwner = "older";
