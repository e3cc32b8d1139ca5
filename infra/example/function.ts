// How the example's functions are built and run.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Duration, RemovalPolicy } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, type Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

export interface HandlerProps {
  /** A file of `examples/app` that exports `handler`. */
  readonly entry: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly environment: Record<string, string>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A function with a log group and a role of its own, which may write its log and what it is granted. */
export function handlerFunction(scope: Construct, id: string, { entry, ...props }: HandlerProps): LambdaFunction {
  const parts = new Construct(scope, id);
  const logGroup = new LogGroup(parts, "Log", { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
  const role = new Role(parts, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  logGroup.grantWrite(role);
  return new NodejsFunction(parts, "Function", {
    ...props,
    entry: join(root, "examples/app", entry),
    depsLockFilePath: join(root, "package-lock.json"),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 256,
    logGroup,
    role,
    bundling: {
      format: OutputFormat.ESM,
      target: "node22",
      // The SDK with which it was tested, rather than the one that Lambda has on the day.
      bundleAwsSDK: true,
      mainFields: ["module", "main"],
      minify: true,
      // The library of this repository, as it is in src: an app of yours leaves this out. "module" is esbuild's own, which goes
      // where others are named; with it no part of the SDK comes as CommonJS.
      esbuildArgs: { "--conditions": "lambda-once:source,module" },
    },
  });
}
