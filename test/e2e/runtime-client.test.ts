// The same under the runtime client that AWS's own Node runtimes are built on, rather than the engine's.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Ministack } from "../engines/ministack.ts";
import { findRuntimeClient } from "../engines/runtime-client.ts";
import { app, driveDeployed } from "./app.ts";
import { type StackOfApp, synthesize } from "./deployment.ts";

driveDeployed("runtime client", { node: 24, app: appOf }, (deployment) => {
  it("every function has a runtime of its own, which starts the client", async () => {
    const { functionOf } = deployment().drive.stage;
    const functions = await Promise.all(
      (["OrdersHandler", "ShipmentsHandler", "PaymentsHandler", "OrdersRedrive"] as const).map(functionOf),
    );
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

interface FunctionResource {
  readonly Type: "AWS::Lambda::Function";
  readonly Properties: { Runtime: string };
  readonly Metadata: { readonly "aws:asset:path": string };
}

/** The example app's own assembly, bundles and all: each function gets another runtime, and beside its bundle what starts that. */
async function appOf(engine: Ministack): Promise<StackOfApp> {
  const found = findRuntimeClient();
  if ("missing" in found) throw new Error(found.missing);
  const assembly = await synthesize(engine, app);
  const file = join(assembly, `${app.stack}.template.json`);
  const template = JSON.parse(readFileSync(file, "utf8")) as { readonly Resources: Readonly<Record<string, object>> };
  const functions = Object.values(template.Resources).filter(isFunction);
  expect(functions).toHaveLength(5);
  for (const { Properties, Metadata } of functions) {
    const bundle = join(assembly, Metadata["aws:asset:path"]);
    expect(existsSync(join(bundle, "index.mjs"))).toBe(true);
    writeFileSync(join(bundle, "bootstrap"), found.bootstrap, { mode: 0o755 });
    Properties.Runtime = "provided.al2023";
  }
  writeFileSync(file, JSON.stringify(template));
  return { ...app, app: assembly };
}

function isFunction(resource: { readonly Type?: string }): resource is FunctionResource {
  return resource.Type === "AWS::Lambda::Function";
}
