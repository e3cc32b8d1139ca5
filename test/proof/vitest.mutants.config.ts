import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// What mutants of src/core are judged by: the tests that run in this process, on stores in memory.
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  resolve: { alias: [{ find: /.*\/dynamodb-bench\.ts$/, replacement: fileURLToPath(new URL("no-engine.ts", import.meta.url)) }] },
  test: {
    include: ["test/{core,lambda,rules}/**/*.test.ts"],
    exclude: ["test/rules/large-results.test.ts"],
    // One worker for all files of a mutant; each mutant has a new one.
    isolate: false,
    maxWorkers: 1,
    testTimeout: 5000,
  },
});
