// Stands in for test/support/dynamodb-bench.ts: loading the AWS SDK anew for each mutant would take most of the time.
import type { BenchKind } from "../support/bench.ts";

export const dynamodbBench: BenchKind = {
  name: "no engine",
  available: false,
  open: () => Promise.reject(new Error("mutants are judged on stores in memory")),
};
