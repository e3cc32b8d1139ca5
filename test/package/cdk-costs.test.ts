// What docs/cdk.md says of money is counted on the templates and on the handler's log.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Duration, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { expect, it, vi } from "vitest";
import { ExampleStack } from "../../infra/example/stack.ts";
import * as constructs from "../../infra/index.ts";
import { memoryStore } from "../../src/memory/store.ts";
import { emfMetrics } from "../../src/metrics/index.ts";
import { idempotentSqs } from "../../src/sqs/index.ts";
import { events } from "../../src/testing/index.ts";
import { newApp, newStack } from "../infra/support.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/cdk.md"), "utf8");

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly Metrics?: readonly { readonly MetricStat?: unknown }[] };
}
/** CloudWatch bills a metric that an alarm looks at, whether by name or in an expression. */
function metricsIn(template: Template): number {
  const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm") as Record<string, Resource>);
  return alarms.reduce(
    (sum, { Properties: { Metrics } }) => sum + (Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1),
    0,
  );
}
function metricsOf(add: (stack: Stack) => unknown): number {
  const stack = newStack({ id: "Shop" });
  add(stack);
  return metricsIn(Template.fromStack(stack));
}
function handlerIn(stack: Stack): LambdaFunction {
  const code = Code.fromInline("-");
  return new LambdaFunction(stack, "Handler", {
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code,
    timeout: Duration.seconds(10),
  });
}

const table = (stack: Stack) => new constructs.IdempotencyTable(stack, "Idempotency");
const consumer = (stack: Stack, operation?: string) =>
  new constructs.IdempotentQueueConsumer(stack, "Orders", {
    idempotencyTable: table(stack),
    handler: handlerIn(stack),
    ...(operation !== undefined && { operation }),
  });
const dollars = (metrics: number, composites = 0) => `$${(metrics * 0.1 + composites * 0.5).toFixed(2)}`;

it.for<[what: string, add: (stack: Stack) => unknown, says: (metrics: number) => string]>([
  ["a consumer", (stack) => consumer(stack), (n) => `${n} metrics × $0.10 + $0.50 for the composite one = **${dollars(n, 1)}**`],
  ["one with an operation", (stack) => consumer(stack, "orders"), (n) => `with \`operation\` ${n} × $0.10 + $0.50 = **${dollars(n, 1)}**`],
  ["a table", (stack) => table(stack).addAlarms(), (n) => `${n} × $0.10 = **${dollars(n)}**; with`],
  [
    "a table with TTL",
    (stack) => table(stack).addAlarms({ timeToLive: true }),
    (n) => `with \`timeToLive\` ${n} × $0.10 = **${dollars(n)}**`,
  ],
])("the alarms of %s", ([, add, says]) => {
  expect(page).toContain(says(metricsOf(add)));
});

it("the alarms of the example app", () => {
  const app = newApp({ "aws:cdk:bundling-stacks": [] });
  const template = Template.fromStack(new ExampleStack(app, "LambdaOnceExample"));
  const composites = Object.keys(template.findResources("AWS::CloudWatch::CompositeAlarm")).length;
  const metrics = metricsIn(template);
  expect(page).toContain(`${metrics} metrics × $0.10 + ${composites} × $0.50 = ${dollars(metrics, composites)} a month`);
  template.resourceCountIs("AWS::CloudWatch::Dashboard", 2);
});

it("the alarms of the plain template", () => {
  const alarms = [
    ...readFileSync(join(root, "docs/cloudformation.yaml"), "utf8").matchAll(/Type: AWS::CloudWatch::Alarm\n( {4}Condition)?/g),
  ];
  const unconditional = alarms.filter(([, condition]) => condition === undefined).length;
  const says = `${unconditional} metrics in alarms, ${alarms.length} with \`Operation\`: ${dollars(unconditional)} or ${dollars(alarms.length)} a month`;
  expect(page).toContain(says);
});

it("the log of a message, fresh and as a duplicate", async () => {
  const written: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
  const handler = idempotentSqs(() => Promise.resolve(), { store: memoryStore(), operation: "orders", onEvent: emfMetrics() });
  const batch = events.sqs([{ body: {}, messageAttributes: { "idempotency-key": "order-1" } }]);
  const context = { awsRequestId: "1", functionName: "orders", getRemainingTimeInMillis: () => 10_000 };
  const kilobytes: string[] = [];
  for (let delivery = 0; delivery < 2; delivery++) {
    await handler(batch, context);
    kilobytes.push((written.splice(0).join("").length / 1000).toFixed(1));
  }
  vi.restoreAllMocks();
  expect(page).toContain(`${kilobytes[0]} KB each, $0.50 a GB: **$0.35** | ${kilobytes[1]} KB each: **$0.15**`);
});
