// Starts what the suites share, once per test run, and stops it again.
import type { TestProject } from "vitest/node";
import { findJava, startDynamodbLocal } from "./dynamodb-local.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Endpoint of DynamoDB Local; empty where Java is missing, and its suites are then skipped. */
    dynamodbLocal: string;
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const java = findJava();
  if ("missing" in java) {
    if (process.env["ENGINES"] === "required") throw new Error(`DynamoDB Local is required (ENGINES=required): ${java.missing}`);
    console.warn(`\n  DynamoDB Local is missing, its suites are skipped: ${java.missing}\n`);
    project.provide("dynamodbLocal", "");
    return undefined;
  }
  const engine = await startDynamodbLocal();
  project.provide("dynamodbLocal", engine.endpoint);
  return engine.stop;
}
