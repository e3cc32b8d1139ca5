// The example app that cdk.json runs: npx cdk deploy [-c alarmEmail=you@example.com] [-c allowedOrigin=https://your.shop]
import { App } from "aws-cdk-lib";
import { ExampleStack } from "./example/stack.ts";

const app = new App();
new ExampleStack(app, "LambdaOnceExample", {
  description: "Example of lambda-once",
  alarmEmail: app.node.tryGetContext("alarmEmail") as string | undefined,
  allowedOrigin: app.node.tryGetContext("allowedOrigin") as string | undefined,
});
