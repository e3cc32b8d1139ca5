// Says what is missing before anything is deployed: there is no part of this that could do without.
import { findOpenssl } from "../engines/certificate.ts";
import { findMinistack } from "../engines/ministack.ts";
import { findNode } from "../engines/node.ts";
import { findRuntimeClient } from "../engines/runtime-client.ts";

export async function setup(): Promise<void> {
  await import("../../.ci/bundle.ts");

  const missing = [findMinistack(), findNode(22), findRuntimeClient(), findOpenssl()].flatMap((found) =>
    "missing" in found ? [found.missing] : [],
  );
  if (missing.length === 0) return;
  console.error(`The end-to-end tests cannot run here:\n${missing.join("\n")}`);
  // Of an error Vitest would show the stack, and say that it found no tests.
  process.exit(1);
}
