/** A context as Node.js handlers get it: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html. */
export interface LambdaContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  /** Another one for each delivery. */
  readonly awsRequestId: string;
  readonly logGroupName: string;
  /** One for each environment. */
  readonly logStreamName: string;
  callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
}

/** The context of the nth delivery of all to an environment. */
export function lambdaContext(of: { nth: number; environment: number; leftMs(): number }): LambdaContext {
  return {
    functionName: "tested",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:tested",
    memoryLimitInMB: "128",
    awsRequestId: `00000000-0000-4000-8000-${digits(of.nth, 12)}`,
    logGroupName: "/aws/lambda/tested",
    logStreamName: `2026/01/01/[$LATEST]${digits(of.environment, 32)}`,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: of.leftMs,
  };
}

function digits(number: number, length: number): string {
  return String(number).padStart(length, "0");
}
