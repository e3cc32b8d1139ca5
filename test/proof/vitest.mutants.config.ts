import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const slowest = /\/(fingerprint|key)\.test\.ts$/;

/** Always the same order, the slowest last: most mutants are killed before. */
class FastestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): string => `${slowest.test(moduleId) ? "last" : "first"} ${moduleId}`;
    return files.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  }
}

function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

// What mutants of src/core are judged by: the tests that run in this process, on stores in memory.
export default defineConfig({
  root: beside("../.."),
  resolve: { alias: [{ find: /.*\/dynamodb-bench\.ts$/, replacement: beside("no-engine.ts") }] },
  test: {
    include: ["test/{core,lambda,rules}/**/*.test.ts"],
    exclude: ["test/rules/large-results.test.ts"],
    // One worker for all files of a mutant; each mutant has a new one.
    isolate: false,
    maxWorkers: 1,
    runner: beside("first-failure.ts"),
    sequence: { sequencer: FastestFirst },
    env: { VALUES: "200" },
    testTimeout: 10_000,
  },
});
