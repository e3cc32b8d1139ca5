// The same under the runtime client that AWS's own Node runtimes are built on, rather than the engine's.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Ministack } from "../engines/ministack.ts";
import { findRuntimeClient } from "../engines/runtime-client.ts";
import { bundled } from "../examples/app-functions.ts";
import { app, driveDeployed } from "./app.ts";
import type { StackOfApp } from "./deployment.ts";

driveDeployed("runtime client", { node: 24, app: appOf }, (deployment) => {
  it("every function has a runtime of its own, which starts the client", async () => {
    const { functionOf } = deployment().drive.stage;
    const functions = await Promise.all((["OrdersHandler", "ShipmentsHandler", "PaymentsHandler"] as const).map(functionOf));
    expect(functions.map(({ Runtime }) => Runtime)).toEqual(functions.map(() => "provided.al2023"));
  });

  it("metrics are lines of their own, as CloudWatch reads them, while what the console writes has a prefix", async () => {
    const lines = await deployment().drive.stage.lines("OrdersHandler");
    const metrics = lines.filter((line) => line.includes('"CloudWatchMetrics"'));
    expect(metrics.length).toBeGreaterThan(0);
    for (const line of metrics) expect(JSON.parse(line)).toMatchObject({ _aws: { CloudWatchMetrics: [{ Namespace: "LambdaOnce" }] } });
    expect(lines.filter((line) => line.includes('"message":"run"') && line.startsWith("{"))).toEqual([]);
  });
});

async function appOf({ folder }: Ministack): Promise<StackOfApp> {
  const found = findRuntimeClient();
  if ("missing" in found) throw new Error(found.missing);
  const functions = join(folder, "functions");
  for (const name of ["orders", "shipments", "payments"] as const) {
    const code = join(functions, name);
    mkdirSync(code, { recursive: true });
    renameSync(await bundled(name, code), join(code, "index.mjs"));
    writeFileSync(join(code, "bootstrap"), found.bootstrap, { mode: 0o755 });
  }
  return { ...app, app: "node --conditions=lambda-once:source test/e2e/runtime-client-app.ts", context: { functions } };
}
