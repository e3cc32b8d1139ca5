// MiniStack's own event source mapping takes a malformed answer for success and deletes the batch, where AWS lets all of it come back:
// the tests play a mapping of their own (test/mapping). This pins it: a version that does otherwise fails here.
import { expect, it } from "vitest";
import { countsOf, freshQueues, type Queues, sendAll, sqsEngines } from "../support/queues.ts";
import { describeOnSqs, type SuiteEngine } from "../support/sqs-suites.ts";
import { until } from "../support/until.ts";

describeOnSqs(
  "an event source mapping of the engine's own",
  (engine) => {
    it.for([
      { answer: '"no object"', aws: 2 },
      { answer: '{ batchItemFailures: [{ itemIdentifier: "" }] }', aws: 2 },
      { answer: "{ batchItemFailures: [{ itemIdentifier: null }] }", aws: 2 },
      { answer: "{ batchItemFailures: [{ itemId: event.Records[0].messageId }] }", aws: 2 },
      { answer: '{ batchItemFailures: [{ itemIdentifier: "stranger" }] }', aws: 2 },
    ])("deletes the whole batch, where AWS would keep all $aws: $answer", async ({ answer }) => {
      expect(await deadAfter(engine, `return ${answer};`)).toBe(0);
    });

    it.for([
      { code: "return { batchItemFailures: [{ itemIdentifier: event.Records[0].messageId }] };", dead: 1 },
      { code: 'throw new Error("planted");', dead: 2 },
      { code: "return null;", dead: 0 },
    ])("does as AWS does: $dead of 2 come back for $code", async ({ code, dead }) => {
      expect(await deadAfter(engine, code)).toBe(dead);
    });
  },
  sqsEngines.filter(({ name }) => name === "MiniStack"),
);

/** How many of two messages end in the dead-letter queue: they are delivered once. */
async function deadAfter({ client, endpoint }: SuiteEngine, code: string): Promise<number> {
  const queues = await freshQueues(client, { visibilitySeconds: 1, maxReceiveCount: 1 });
  await sendAll(client, queues.url, [{ MessageBody: "a" }, { MessageBody: "b" }]);
  await deploy(endpoint, queues, code);
  await until("the queue is empty", async () => {
    const { visible, inFlight } = await countsOf(client, queues.url);
    return visible + inFlight === 0 ? true : undefined;
  });
  return (await countsOf(client, queues.dlqUrl)).visible;
}

/** A function with this code, mapped to the queue: one request, for which no client needs to be installed. */
async function deploy(endpoint: string, { arn }: Queues, code: string): Promise<void> {
  const name = arn.split(":").at(-1) ?? "";
  const Handler = {
    Type: "AWS::Lambda::Function",
    Properties: {
      FunctionName: name,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/any",
      Code: { ZipFile: `exports.handler = async (event) => { ${code} };` },
    },
  };
  const Mapping = {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: {
      EventSourceArn: arn,
      FunctionName: { Ref: "Handler" },
      BatchSize: 10,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    },
  };
  const TemplateBody = JSON.stringify({ Resources: { Handler, Mapping } });
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request, SignedHeaders=host, Signature=x",
    },
    body: new URLSearchParams({ Action: "CreateStack", Version: "2010-05-15", StackName: name, TemplateBody }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}
