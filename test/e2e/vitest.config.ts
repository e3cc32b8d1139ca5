import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["test/e2e/setup.ts"],
    // Each file has an AWS of its own, and two of them are enough for a machine.
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // The lines that steps print are what this is run for.
    disableConsoleIntercept: true,
  },
});
