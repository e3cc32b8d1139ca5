import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/clone/**", "test/e2e/**"],
    globalSetup: ["test/engines/setup.ts", "test/infra/setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
