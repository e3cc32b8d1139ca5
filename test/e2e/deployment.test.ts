import { expect, it } from "vitest";
import { destroy } from "./deployment.ts";

it("a failure of the CDK CLI comes with all that it says", async () => {
  // Nobody answers there; an app that fails needs no AWS.
  const nowhere = { endpoint: "http://127.0.0.1:9", certificateFile: undefined };
  const broken = { app: "echo planted >&2; exit 3", stack: "Any" };
  await expect(destroy(nowhere, broken)).rejects.toThrow(/^cdk destroy Any [^]*planted/);
});
