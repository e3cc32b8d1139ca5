export { type TestClock, testClock } from "./clock.ts";
export { type Capability, type ConformanceOptions, storeConformance } from "./conformance.ts";
export { type Events, events } from "./events.ts";
export { expectIdempotent, type ExpectIdempotentOptions, type Handler, type MakeHandler } from "./expect.ts";
export { type Fault, type FaultEffect, faultyStore, type StoreCall } from "./faults.ts";
