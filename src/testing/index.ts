export { type TestClock, testClock } from "./clock.ts";
export { type Capability, type ConformanceOptions, storeConformance } from "./conformance/store-conformance.ts";
export { type Events, events } from "./events/builders.ts";
export { expectIdempotent, type ExpectIdempotentOptions, type Handler, type MakeHandler } from "./expect/expect-idempotent.ts";
export { type Fault, type FaultEffect, faultyStore, type StoreCall } from "./faults.ts";
