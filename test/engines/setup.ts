// Starts what the suites share, once per test run, and stops it again; names what is missing.
import type { TestProject } from "vitest/node";
import { findOpenssl } from "./certificate.ts";
import { startDynamodbLocal } from "./dynamodb-local.ts";
import { findChromium } from "./chromium.ts";
import { findCurl } from "./curl.ts";
import { findElasticmq } from "./elasticmq.ts";
import { findJava } from "./java.ts";
import { findMinistack } from "./ministack.ts";
import { findNode } from "./node.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Endpoint of DynamoDB Local; empty where Java is missing, and its suites are then skipped. */
    dynamodbLocal: string;
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const found = {
    "DynamoDB Local": findJava(),
    MiniStack: findMinistack(),
    ElasticMQ: findElasticmq(),
    "Node 22": findNode(22),
    TLS: findOpenssl(),
    curl: findCurl(),
    Chromium: findChromium(),
  };
  const missing = Object.entries(found).flatMap(([name, engine]) => ("missing" in engine ? [[name, engine.missing] as const] : []));
  if (missing.length > 0 && process.env["ENGINES"] === "required") {
    throw new Error(missing.map(([name, why]) => `${name} is required (ENGINES=required): ${why}`).join("\n"));
  }
  for (const [name, why] of missing) console.warn(`\n  ${name} is missing, its suites are skipped: ${why}\n`);
  if ("missing" in found["DynamoDB Local"]) {
    project.provide("dynamodbLocal", "");
    return undefined;
  }
  const engine = await startDynamodbLocal();
  project.provide("dynamodbLocal", engine.endpoint);
  return engine.stop;
}
