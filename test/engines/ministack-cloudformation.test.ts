// What ministack_cloudformation.py adds: alarms deploy as on AWS and are described so, and an API answers with its CORS headers.
import { randomUUID } from "node:crypto";
import { CloudFormationClient, UpdateStackCommand, waitUntilStackUpdateComplete } from "@aws-sdk/client-cloudformation";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestApi } from "./api-request.ts";
import { deleteTemplate, deployTemplate } from "./deployment-template.ts";
import { findMinistack, type Ministack, startMinistack } from "./ministack.ts";
import { clientConfig } from "./ministack-access.ts";

type Properties = Record<string, unknown>;

const stat = (id: string, name: string) => ({
  Id: id,
  MetricStat: { Metric: { Namespace: "AWS/Lambda", MetricName: name }, Period: "60", Stat: "Sum" },
  ReturnData: false,
});
const rate = { Id: "rate", Expression: "100 * errors / invocations", Label: "Errors, in percent" };
const metrics = [rate, stat("errors", "Errors"), stat("invocations", "Invocations")];
const metricAlarm = (properties: Properties) => ({
  Type: "AWS::CloudWatch::Alarm",
  Properties: { ComparisonOperator: "GreaterThanThreshold", Threshold: 1, EvaluationPeriods: 2, ...properties },
});
const compositeAlarm = (properties: Properties) => ({ Type: "AWS::CloudWatch::CompositeAlarm", Properties: properties });

describe.skipIf("missing" in findMinistack())("CloudFormation of MiniStack", () => {
  let engine: Ministack;
  beforeAll(async () => void (engine = await startMinistack()));
  afterAll(() => engine.stop());

  const freshName = (what: string) => `${what}-${randomUUID()}`;
  const rule = (math: string) => ({ "Fn::Sub": `${math}("\${Math.Arn}")` });
  const alarms = (stack: string, composite: Properties) =>
    JSON.stringify({
      Resources: {
        Math: metricAlarm({ AlarmName: `${stack}-math`, Metrics: metrics, DatapointsToAlarm: 1 }),
        Any: compositeAlarm({ AlarmName: `${stack}-any`, ...composite }),
      },
      Outputs: { Any: { Value: { Ref: "Any" } }, AnyArn: { Value: { "Fn::GetAtt": ["Any", "Arn"] } } },
    });

  it("deploys, updates and deletes an alarm on an expression and one on alarms", async () => {
    const stack = freshName("alarms");
    const outputs = await deployTemplate(engine, stack, alarms(stack, { AlarmRule: rule("ALARM"), AlarmActions: ["arn:aws:sns:any"] }));
    const arn = (name: string) => `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${stack}-${name}`;
    expect(outputs).toEqual({ Any: `${stack}-any`, AnyArn: arn("any") });

    const deployed = await describeAlarms(engine, stack);
    expect(deployed.MetricAlarms).toEqual([
      expect.objectContaining({
        AlarmName: `${stack}-math`,
        Threshold: 1,
        EvaluationPeriods: 2,
        DatapointsToAlarm: 1,
        Metrics: [{ ...rate, ReturnData: true }, ...metrics.slice(1).map((metric) => withPeriod(metric, 60))],
      }),
    ]);
    expect(deployed.MetricAlarms[0]).not.toHaveProperty("MetricName");
    const composite = { AlarmName: `${stack}-any`, AlarmRule: `ALARM("${arn("math")}")`, AlarmActions: ["arn:aws:sns:any"] };
    expect(deployed.CompositeAlarms).toEqual([expect.objectContaining({ ...composite, StateValue: "OK" })]);

    await updateTemplate(engine, stack, alarms(stack, { AlarmRule: rule("INSUFFICIENT_DATA"), AlarmDescription: "changed" }));
    expect((await describeAlarms(engine, stack)).CompositeAlarms).toEqual([
      expect.objectContaining({ AlarmDescription: "changed", AlarmRule: `INSUFFICIENT_DATA("${arn("math")}")`, StateValue: "ALARM" }),
    ]);

    await updateTemplate(engine, stack, alarms(stack, { AlarmRule: rule("OK"), AlarmName: `${stack}-other` }));
    expect((await describeAlarms(engine, stack)).CompositeAlarms).toEqual([expect.objectContaining({ AlarmName: `${stack}-other` })]);

    await deleteTemplate(engine, stack);
    expect(await describeAlarms(engine, stack)).toEqual({ MetricAlarms: [], CompositeAlarms: [] });
  });

  it.for<{ name: string; alarm: object; because: RegExp }>([
    {
      name: "a metric beside an expression",
      alarm: metricAlarm({ Metrics: metrics, Namespace: "AWS/SQS" }),
      because: /Namespace are mutually exclusive/,
    },
    { name: "two metrics that return data", alarm: metricAlarm({ Metrics: [rate, { ...rate, Id: "b" }] }), because: /Exactly one element/ },
    { name: "no metric that returns data", alarm: metricAlarm({ Metrics: [stat("a", "Errors")] }), because: /Exactly one element/ },
    { name: "one id twice", alarm: metricAlarm({ Metrics: [rate, { ...stat("rate", "Errors") }] }), because: /not unique/ },
    { name: "an id in capitals", alarm: metricAlarm({ Metrics: [{ ...rate, Id: "Rate" }] }), because: /lowercase letter/ },
    { name: "neither metric nor expression", alarm: metricAlarm({ Metrics: [{ Id: "a" }] }), because: /either Expression or MetricStat/ },
    {
      name: "a rule on an alarm that is not there",
      alarm: compositeAlarm({ AlarmRule: "ALARM(nobody)" }),
      because: /nobody.* do not exist/,
    },
    { name: "a rule that cannot be read", alarm: compositeAlarm({ AlarmRule: "ALARM(" }), because: /Error in AlarmRule/ },
    {
      name: "a property that it does not know",
      alarm: compositeAlarm({ AlarmRule: "TRUE", ActionsSuppressor: "a" }),
      because: /ActionsSuppressor is not known/,
    },
  ])("refuses $name", async ({ alarm, because }) => {
    await expect(deployTemplate(engine, freshName("refused"), JSON.stringify({ Resources: { Alarm: alarm } }))).rejects.toThrow(because);
  });

  it("deploys an HTTP API that answers a preflight as its CORS configuration says", async () => {
    const cors = { AllowOrigins: ["https://shop.example"], AllowMethods: ["POST"], AllowHeaders: ["idempotency-key"], MaxAge: 60 };
    const Api = { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "any", ProtocolType: "HTTP", CorsConfiguration: cors } };
    const Stage = { Type: "AWS::ApiGatewayV2::Stage", Properties: { ApiId: { Ref: "Api" }, StageName: "$default", AutoDeploy: true } };
    const template = JSON.stringify({ Resources: { Api, Stage }, Outputs: { ApiId: { Value: { Ref: "Api" } } } });
    const { ApiId: apiId = "" } = await deployTemplate(engine, freshName("api"), template);
    const preflight = (origin: string) =>
      requestApi(engine, { apiId, method: "OPTIONS", path: "/any", headers: { origin, "access-control-request-method": "POST" } });
    expect(await preflight("https://shop.example")).toMatchObject({
      status: 204,
      headers: {
        "access-control-allow-origin": "https://shop.example",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "idempotency-key",
        "access-control-max-age": "60",
      },
    });
    expect((await preflight("https://other.example")).headers).not.toHaveProperty("access-control-allow-origin");
  });
});

const withPeriod = (metric: object, seconds: number) => {
  const { MetricStat } = metric as ReturnType<typeof stat>;
  return { ...metric, MetricStat: { ...MetricStat, Period: seconds } };
};

async function updateTemplate(engine: Ministack, name: string, template: string): Promise<void> {
  const client = new CloudFormationClient(clientConfig(engine));
  await client.send(new UpdateStackCommand({ StackName: name, TemplateBody: template }));
  await waitUntilStackUpdateComplete({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { StackName: name });
  client.destroy();
}

interface Alarms {
  readonly MetricAlarms: readonly object[];
  readonly CompositeAlarms: readonly object[];
}

/** One request, for which no client needs to be installed. */
async function describeAlarms({ endpoint }: Ministack, prefix: string): Promise<Alarms> {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "GraniteServiceVersion20100801.DescribeAlarms",
      authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=x",
    },
    body: JSON.stringify({ AlarmNamePrefix: prefix, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
  });
  return (await answer.json()) as Alarms;
}
