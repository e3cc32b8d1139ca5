import { afterAll, beforeAll, describe } from "vitest";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Engine } from "../engines/engine.ts";
import { type SqsEngine, sqsClientOf, sqsEngines } from "./queues.ts";

/** The engine of a suite, once its first test or hook runs. */
export interface SuiteEngine {
  readonly name: SqsEngine["name"];
  readonly endpoint: string;
  readonly client: SQSClient;
}

/**
 * A suite on each of the SQS engines, with the engine's name in its title, which runs from the suite's first test to its last. Where
 * an engine is missing its suite is reported as skipped.
 */
export function describeOnSqs(title: string, suite: (engine: SuiteEngine) => void, engines = sqsEngines): void {
  for (const { name, missing, start } of engines) {
    describe.skipIf(missing !== undefined)(`${title} (${name})`, () => {
      let running: { readonly engine: Engine; readonly client: SQSClient } | undefined;
      beforeAll(async () => {
        const engine = await start();
        running = { engine, client: sqsClientOf(engine.endpoint) };
      });
      afterAll(async () => {
        running?.client.destroy();
        await running?.engine.stop();
      });
      const started = () => {
        if (running === undefined) throw new Error(`${name} has not been started yet: use it in a test or a hook`);
        return running;
      };
      suite({
        name,
        get endpoint() {
          return started().engine.endpoint;
        },
        get client() {
          return started().client;
        },
      });
    });
  }
}
