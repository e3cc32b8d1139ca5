import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Whose own test has another name. */
const owners: Readonly<Record<string, string>> = {
  check: "options",
  resolve: "options",
  refusals: "messages",
  consider: "begin",
  run: "told",
};

/** The mutated file's own test comes first: it kills most mutants, and the rest is not even loaded. */
class OwnTestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const [mutated = ""] = (this.ctx.config.related ?? []).map((path) => basename(path, ".ts"));
    const own = `/${owners[mutated] ?? mutated}.test.ts`;
    const rank = ({ moduleId }: TestSpecification): string => `${moduleId.endsWith(own) ? "own" : "rest"} ${moduleId}`;
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
    sequence: { sequencer: OwnTestFirst },
    env: { VALUES: "200" },
    testTimeout: 10_000,
  },
});
