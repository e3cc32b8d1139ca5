// The Node of MiniStack's functions is the one that it was started with, whatever their runtime says.
import { randomUUID } from "node:crypto";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, it, onTestFinished } from "vitest";
import { deployTemplate } from "./deployment-template.ts";
import { findMinistack, startMinistack } from "./ministack.ts";
import { clientConfig } from "./ministack-access.ts";
import { findNode, type NodeMajor } from "./node.ts";

const majors: readonly NodeMajor[] = [24, 22];

describe.skipIf("missing" in findMinistack())("functions of MiniStack", () => {
  for (const node of majors) {
    it.skipIf("missing" in findNode(node))(`run on Node ${node}`, async () => {
      const engine = await startMinistack({ node });
      onTestFinished(() => engine.stop());
      const FunctionName = `function-${randomUUID()}`;
      await deployTemplate(engine, FunctionName, JSON.stringify(template(FunctionName)));
      const client = new LambdaClient(clientConfig(engine));
      const { Payload } = await client.send(new InvokeCommand({ FunctionName }));
      expect(JSON.parse(Payload?.transformToString() ?? "")).toMatch(new RegExp(`^v${node}[.]`));
    });
  }
});

const template = (FunctionName: string) => ({
  Resources: {
    Handler: {
      Type: "AWS::Lambda::Function",
      Properties: {
        FunctionName,
        Runtime: "nodejs20.x",
        Handler: "index.handler",
        Role: "arn:aws:iam::000000000000:role/any",
        Code: { ZipFile: "exports.handler = async () => process.version;" },
      },
    },
  },
});
