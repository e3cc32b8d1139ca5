import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { findChromium } from "./chromium.ts";
import { findCurl } from "./curl.ts";

/** A folder on PATH, and nothing else, with these shell scripts in it. */
function onPathOnly(scripts: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "lambda-once-path-"));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv("PATH", ["", folder].join(delimiter));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  return folder;
}

it("what is not on PATH is missing, and it is said how to get it", () => {
  onPathOnly({});
  expect(findChromium()).toEqual({ missing: expect.stringContaining("npm run engines") });
  expect(findCurl()).toEqual({ missing: expect.stringContaining("npm run engines") });
});

it("a Chromium that only says what else to install is none; the next one is taken, by its file", () => {
  const folder = onPathOnly({ "chromium-browser": "echo a snap is needed; exit 1", "google-chrome": "echo Chrome 1.2" });
  const executable = join(folder, "google-chrome");
  expect(findChromium()).toEqual({ executable, on: `Chrome 1.2 (${executable})` });
});
