import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/clone/**/*.test.ts"],
    testTimeout: 20 * 60_000,
    hookTimeout: 10 * 60_000,
    bail: 1,
  },
});
