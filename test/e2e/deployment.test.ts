import { expect, it, onTestFinished } from "vitest";
import { startMinistack } from "../engines/ministack.ts";
import { destroy } from "./deployment.ts";

it("a failure of the CDK CLI comes with all that it says", async () => {
  const engine = await startMinistack();
  onTestFinished(() => engine.stop());
  const broken = { app: "echo planted >&2; exit 3", stack: "Any" };
  await expect(destroy(engine, broken)).rejects.toThrow(/^cdk destroy Any [^]*planted/);
});
