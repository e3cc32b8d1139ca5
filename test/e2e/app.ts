// The example app, deployed for a test file: the same app, and the same steps, on whatever AWS the file starts.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ministack, type MinistackOptions, startMinistack } from "../engines/ministack.ts";
import { deploy, type StackOfApp } from "./deployment.ts";
import { everythingOnce, nodesOf, queueSteps } from "./drive.ts";
import { paymentSteps } from "./payments.ts";
import { redriveOrders } from "./redrive.ts";
import { stageOf } from "./stage.ts";
import type { Drive, Line } from "./step.ts";

export const app: StackOfApp = { app: "node infra/app.ts", stack: "LambdaOnceExample" };

export interface Deployment {
  readonly engine: Ministack;
  readonly drive: Drive;
}

export interface DriveOptions extends MinistackOptions {
  /** Another app with the same stack. Default: the example app. */
  readonly app?: (engine: Ministack) => Promise<StackOfApp>;
}

/** Deploys the app, drives it, and then does what the file adds. */
export function driveDeployed(title: string, options: DriveOptions, more: (deployment: () => Deployment) => void = () => {}): void {
  let deployment: Deployment | undefined;
  const deployed = (): Deployment => {
    if (deployment === undefined) throw new Error("nothing is deployed");
    return deployment;
  };
  let engine: Ministack | undefined;
  beforeAll(async () => {
    engine = await startMinistack(options);
    const { outputs } = await deploy(engine, (await options.app?.(engine)) ?? app);
    const stage = stageOf(engine, outputs);
    const [alice, bob] = [await stage.newCaller("alice"), await stage.newCaller("bob")];
    deployment = { engine, drive: { stage, alice, bob, expected: new Map() } };
  });
  afterAll(async () => {
    deployment?.drive.stage.close();
    await engine?.stop();
  });

  describe(`on ${title}`, () => {
    describe.concurrent("at the same time", () => {
      it.for([...queueSteps, ...paymentSteps])("$name", async ({ name, run }) => say(title, name, await run(deployed().drive)));
    });
    it("in the end each thing was paid once", async () =>
      say(title, "in the end each thing was paid once", await everythingOnce(deployed().drive)));
    it("dead letters come back by the redrive function, and nothing that is done runs again", async () =>
      say(title, "dead letters come back by the redrive function", await redriveOrders(deployed().drive)));
    it("ran on the Node that it was to run on", async () => {
      const version = expect.stringMatching(new RegExp(`^v${options.node ?? 24}\\.\\d+\\.\\d+$`));
      expect(await nodesOf(deployed().drive)).toEqual([version, version, version]);
    });
    more(deployed);
  });
}

export function say(title: string, name: string, { called, read }: Line): void {
  console.log(`[${title}] ${name}\n    called: ${called}\n    read:   ${read}`);
}
