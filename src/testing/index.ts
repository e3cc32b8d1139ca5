export { type TestClock, testClock } from "./clock.ts";
export { type Capability, type ConformanceOptions, storeConformance } from "./conformance.ts";
export { type Fault, type FaultEffect, faultyStore, type StoreCall } from "./faults.ts";
