// The example app whose functions run under AWS's own runtime client: bundled by the test, beside the `bootstrap` that starts it.
// Context "functions": a folder that has a folder for each of orders, shipments and payments.
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { ExampleStack } from "../../infra/example/stack.ts";

const app = new App();
const stack = new ExampleStack(app, "LambdaOnceExample");
const folder = app.node.tryGetContext("functions") as string;
for (const name of ["Orders", "Shipments", "Payments"]) {
  const fn = stack.node.findChild(`${name}Handler`).node.findChild("Function").node.defaultChild;
  if (!CfnFunction.isCfnFunction(fn)) throw new Error(`${name} has no function`);
  const asset = new Asset(stack, `${name}Asset`, { path: join(folder, name.toLowerCase()) });
  fn.addPropertyOverride("Code", { S3Bucket: asset.s3BucketName, S3Key: asset.s3ObjectKey });
  fn.addPropertyOverride("Runtime", "provided.al2023");
}
