// What a consumer is made of, and what each of its props changes.
import { aws_iam as iam, aws_kms as kms, aws_lambda as lambda, aws_sqs as sqs, Duration, RemovalPolicy } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { allowedIn, env, logicalId, newConsumer, newFunction, newStack, propertiesOf, resourcesOf, warningIds } from "./support.ts";

const mappings = "AWS::Lambda::EventSourceMapping";
const queues = "AWS::SQS::Queue";

type Props = Parameters<typeof newConsumer>[1];

function made(props: Props = {}) {
  const stack = newStack({ env });
  const consumer = newConsumer(stack, props);
  return { stack, consumer, template: Template.fromStack(stack) };
}

/** The properties of the queue, or of the dead-letter queue, that a consumer made. */
function queueOf(props: Props, start: "OrdersQueue" | "OrdersDeadLetterQueue" = "OrdersQueue") {
  const { stack } = made(props);
  return resourcesOf(stack, queues)[logicalId(stack, queues, start)]?.Properties ?? {};
}

describe("without any props", () => {
  it("has a queue with six times the handler's timeout as visibility, encrypted, with 5 receives", () => {
    expect(queueOf({})).toEqual({
      VisibilityTimeout: 60,
      SqsManagedSseEnabled: true,
      RedrivePolicy: {
        deadLetterTargetArn: { "Fn::GetAtt": [expect.stringMatching(/^OrdersDeadLetterQueue/), "Arn"] },
        maxReceiveCount: 5,
      },
    });
  });

  it("has a dead-letter queue of 14 days, encrypted, that takes dead letters and stays when the stack goes", () => {
    expect(queueOf({}, "OrdersDeadLetterQueue")).toEqual({
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
      RedriveAllowPolicy: { redrivePermission: "allowAll" },
    });
    made().template.hasResource(queues, {
      Properties: { MessageRetentionPeriod: 1_209_600 },
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
    });
  });

  it("has TLS only on both", () => {
    const { stack } = made();
    const denied = Object.values(resourcesOf(stack, "AWS::SQS::QueuePolicy")).map(({ Properties }) => Properties);
    expect(denied).toHaveLength(2);
    for (const { PolicyDocument } of denied)
      expect((PolicyDocument as { Statement: unknown[] }).Statement).toEqual([
        expect.objectContaining({ Effect: "Deny", Action: "sqs:*", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
      ]);
  });

  it("has a mapping with partial batch responses, and nothing else that Lambda has by itself", () => {
    const { stack } = made();
    expect(propertiesOf(stack, mappings)).toEqual({
      EventSourceArn: { "Fn::GetAtt": [expect.stringMatching(/^OrdersQueue/), "Arn"] },
      FunctionName: { Ref: expect.stringMatching(/^OrdersHandler/) as string },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
  });

  it("warns of nothing", () => expect(warningIds(made().stack)).toEqual([]));

  it("shows what it is made of", () => {
    const { consumer } = made();
    expect(consumer.queue.node.path).toBe("Stack/Orders/Queue");
    expect(consumer.deadLetterQueue?.node.path).toBe("Stack/Orders/DeadLetterQueue");
    expect(consumer.handler.node.path).toBe("Stack/OrdersHandler");
    expect(consumer.eventSource.eventSourceMappingArn).toBeDefined();
    expect(consumer.dashboard).toBeUndefined();
  });
});

describe("the handler may", () => {
  it("claim in the table and consume from the queue, and nothing else", () => {
    expect(allowedIn(made().stack)).toEqual([
      "dynamodb:BatchGetItem on OrdersTable",
      "dynamodb:GetItem on OrdersTable",
      "dynamodb:PutItem on OrdersTable",
      "dynamodb:UpdateItem on OrdersTable",
      "sqs:ChangeMessageVisibility on OrdersQueue",
      "sqs:DeleteMessage on OrdersQueue",
      "sqs:GetQueueAttributes on OrdersQueue",
      "sqs:GetQueueUrl on OrdersQueue",
      "sqs:ReceiveMessage on OrdersQueue",
    ]);
  });

  it("do the same where it is imported with its role", () => {
    const stack = newStack({ env });
    const role = iam.Role.fromRoleArn(stack, "Role", "arn:aws:iam::111111111111:role/orders");
    const functionArn = "arn:aws:lambda:eu-west-1:111111111111:function:orders";
    const handler = lambda.Function.fromFunctionAttributes(stack, "Imported", { functionArn, role, sameEnvironment: true });
    newConsumer(stack, { handler, handlerTimeout: Duration.seconds(10) });
    expect(allowedIn(stack)).toEqual(allowedIn(made().stack));
    // Or Lambda would refuse the mapping of a role that may not read the queue yet.
    const [mapping] = Object.values(Template.fromStack(stack).findResources(mappings)) as { DependsOn?: string[] }[];
    expect(mapping?.DependsOn).toEqual([logicalId(stack, "AWS::IAM::Policy", "Role")]);
  });

  it("decrypt what comes from a queue with a key of one's own", () => {
    const stack = newStack({ env });
    newConsumer(stack, { queueProps: { encryptionMasterKey: new kms.Key(stack, "Key") } });
    expect(allowedIn(stack).filter((line) => line.startsWith("kms:"))).toEqual(["kms:Decrypt on Key"]);
  });
});

describe("props of the event source", () => {
  it.each<[name: string, props: Props, mapping: Record<string, unknown>]>([
    ["batchSize", { batchSize: 7 }, { BatchSize: 7 }],
    ["maxBatchingWindow", { maxBatchingWindow: Duration.seconds(20) }, { MaximumBatchingWindowInSeconds: 20 }],
    ["a large batch", { maxBatchingWindow: Duration.seconds(20), batchSize: 10_000 }, { BatchSize: 10_000 }],
    ["maxConcurrency", { maxConcurrency: 12 }, { ScalingConfig: { MaximumConcurrency: 12 } }],
    [
      "filters",
      { filters: [lambda.FilterCriteria.filter({ body: { kind: ["order"] } })] },
      { FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] } },
    ],
  ])("%s", (_, props, mapping) => {
    const { stack } = made(props);
    expect(propertiesOf(stack, mappings)).toMatchObject({ ...mapping, FunctionResponseTypes: ["ReportBatchItemFailures"] });
    expect(warningIds(stack)).toEqual([]);
  });
});

describe("props of the queues", () => {
  const dead = "OrdersDeadLetterQueue";
  it.each<[name: string, props: Props, expected: Record<string, unknown>, which?: typeof dead]>([
    ["the batching window is in the visibility", { maxBatchingWindow: Duration.seconds(20) }, { VisibilityTimeout: 80 }],
    ["visibilityTimeout", { queueProps: { visibilityTimeout: Duration.minutes(30) } }, { VisibilityTimeout: 1800 }],
    ["retentionPeriod", { queueProps: { retentionPeriod: Duration.days(2) } }, { MessageRetentionPeriod: 172_800 }],
    ["maxReceiveCount", { maxReceiveCount: 8 }, { RedrivePolicy: Match.objectLike({ maxReceiveCount: 8 }) }],
    ["encryption", { queueProps: { encryption: sqs.QueueEncryption.KMS_MANAGED } }, { KmsMasterKeyId: "alias/aws/sqs" }],
    [
      "what is undefined is not given",
      { queueProps: { visibilityTimeout: undefined, encryption: undefined } as object },
      { VisibilityTimeout: 60, SqsManagedSseEnabled: true },
    ],
    ["fifo", { fifo: true }, { FifoQueue: true }],
    ["fifo, for the dead letters", { fifo: true }, { FifoQueue: true }, dead],
    ["fifo by queueProps", { queueProps: { fifo: true } }, { FifoQueue: true }, dead],
    ["fifo by a name", { queueProps: { queueName: "orders.fifo" } }, { FifoQueue: true }, dead],
    ["fifo by its deduplication", { queueProps: { contentBasedDeduplication: true } }, { FifoQueue: true }, dead],
    ["fifo by its scope", { queueProps: { deduplicationScope: sqs.DeduplicationScope.MESSAGE_GROUP } }, { FifoQueue: true }, dead],
    [
      "retentionPeriod of dead letters",
      { deadLetterQueueProps: { retentionPeriod: Duration.days(7) } },
      { MessageRetentionPeriod: 604_800 },
      dead,
    ],
    [
      "undefined for dead letters",
      { deadLetterQueueProps: { retentionPeriod: undefined } as object },
      { MessageRetentionPeriod: 1_209_600 },
      dead,
    ],
    [
      "a queue whose name is known is the only one that may send dead letters",
      { queueProps: { queueName: "orders" } },
      {
        RedriveAllowPolicy: {
          redrivePermission: "byQueue",
          sourceQueueArns: [{ "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":sqs:eu-west-1:111111111111:orders"]] }],
        },
      },
      dead,
    ],
  ])("%s", (_, props, expected, which) => {
    Template.fromJSON({ Resources: { Queue: { Type: queues, Properties: queueOf(props, which) } } }).hasResourceProperties(
      queues,
      expected,
    );
  });

  it("with undefined TLS, TLS it is", () => {
    const { stack } = made({ queueProps: { enforceSSL: undefined } as object, deadLetterQueueProps: { enforceSSL: undefined } as object });
    expect(Object.keys(resourcesOf(stack, "AWS::SQS::QueuePolicy"))).toHaveLength(2);
  });

  it("dead letters go with the stack where that is asked for", () => {
    const { template } = made({ deadLetterQueueProps: { removalPolicy: RemovalPolicy.DESTROY } });
    expect(Object.values(template.findResources(queues, { DeletionPolicy: "Retain" }))).toEqual([]);
  });

  it("a key of one's own encrypts, without a word on how", () => {
    const stack = newStack({ env });
    newConsumer(stack, {
      queueProps: { encryptionMasterKey: new kms.Key(stack, "Key") },
      deadLetterQueueProps: { encryptionMasterKey: new kms.Key(stack, "DeadKey") },
    });
    for (const { Properties } of Object.values(resourcesOf(stack, queues))) {
      expect(Properties["KmsMasterKeyId"]).toBeDefined();
      expect(Properties["SqsManagedSseEnabled"]).toBeUndefined();
    }
  });
});

describe("queues of one's own", () => {
  it("are taken as they are, with partial batch responses all the same", () => {
    const stack = newStack({ env });
    const deadLetterQueue = new sqs.Queue(stack, "Dead", { retentionPeriod: Duration.days(14) });
    const queue = new sqs.Queue(stack, "Own", {
      visibilityTimeout: Duration.minutes(5),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 6 },
    });
    const consumer = newConsumer(stack, { queue });
    expect(consumer.queue).toBe(queue);
    expect(consumer.deadLetterQueue).toBe(deadLetterQueue);
    expect(Object.keys(resourcesOf(stack, queues))).toHaveLength(2);
    expect(propertiesOf(stack, mappings)).toMatchObject({ FunctionResponseTypes: ["ReportBatchItemFailures"] });
    expect(warningIds(stack)).toEqual([]);
  });

  it("a dead-letter queue of one's own gets the dead letters of the queue that is made", () => {
    const stack = newStack({ env });
    const deadLetterQueue = new sqs.Queue(stack, "Dead", { retentionPeriod: Duration.days(14) });
    newConsumer(stack, { deadLetterQueue, maxReceiveCount: 9 });
    const { Properties } = resourcesOf(stack, queues)[logicalId(stack, queues, "OrdersQueue")] ?? {};
    expect(Properties?.["RedrivePolicy"]).toEqual({
      deadLetterTargetArn: { "Fn::GetAtt": [logicalId(stack, queues, "Dead"), "Arn"] },
      maxReceiveCount: 9,
    });
    expect(warningIds(stack)).toEqual([]);
  });
});

describe("the handler", () => {
  it("without a timeout has Lambda's 3 s", () => {
    const stack = newStack({ env });
    newConsumer(stack, {
      handler: new lambda.Function(stack, "Handler", {
        runtime: lambda.Runtime.NODEJS_24_X,
        handler: "a.b",
        code: lambda.Code.fromInline("x"),
      }),
    });
    expect(resourcesOf(stack, queues)[logicalId(stack, queues, "OrdersQueue")]?.Properties["VisibilityTimeout"]).toBe(18);
  });

  it.each<[name: string, of: (fn: lambda.Function) => lambda.IFunction]>([
    ["alias", (fn) => fn.addAlias("live") as lambda.IFunction],
    ["version", (fn) => fn.currentVersion as lambda.IFunction],
    [
      "alias that is imported",
      (fn) => lambda.Alias.fromAliasAttributes(fn.stack, "Live", { aliasName: "live", aliasVersion: fn.currentVersion as lambda.IVersion }),
    ],
  ])("may be an %s: the function behind it is told of the table, and its timeout counts", (_, of) => {
    const stack = newStack({ env });
    const fn = newFunction(stack);
    newConsumer(stack, { handler: of(fn) });
    expect(propertiesOf(stack, "AWS::Lambda::Function")["Environment"]).toMatchObject({
      Variables: { IDEMPOTENCY_RETENTION_SECONDS: "1641600" },
    });
    expect(resourcesOf(stack, queues)[logicalId(stack, queues, "OrdersQueue")]?.Properties["VisibilityTimeout"]).toBe(60);
    expect(allowedIn(stack)).toHaveLength(9);
    expect(warningIds(stack)).toEqual([]);
  });
});
