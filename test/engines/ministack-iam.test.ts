// What MiniStack enforces of IAM, and what it does not: the proof of least privilege counts on the first, and may not on the second.
import { randomUUID } from "node:crypto";
import { BatchGetItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestApi } from "./api-request.ts";
import { deployTemplate } from "./deployment-template.ts";
import { countsOf, freshQueues } from "../support/queues.ts";
import { freshTable } from "../support/table.ts";
import { until } from "../support/until.ts";
import { findOpenssl } from "./certificate.ts";
import { findMinistack, type Ministack, startMinistack } from "./ministack.ts";
import { clientConfig, type Credentials } from "./ministack-access.ts";

const Key = { pk: { S: "a" }, sk: { S: "a" } };

describe.skipIf("missing" in findMinistack() || "missing" in findOpenssl())("MiniStack with IAM", () => {
  let engine: Ministack;
  beforeAll(async () => void (engine = await startMinistack({ iam: true })));
  afterAll(() => engine.stop());

  /** A new user who may do these. */
  async function userWith(...actions: readonly string[]): Promise<Credentials> {
    const iam = new IAMClient(clientConfig(engine));
    const UserName = `user-${randomUUID()}`;
    await iam.send(new CreateUserCommand({ UserName }));
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: actions, Resource: "*" } });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "all", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  }

  const attempt = (request: Promise<unknown>): Promise<string> =>
    request.then(
      () => "allowed",
      (error: unknown) => (error as Error).name,
    );

  it("enforces each action of DynamoDB that the runtime takes, and nothing but it", async () => {
    const TableName = await freshTable(new DynamoDBClient(clientConfig(engine)));
    const requests = {
      "dynamodb:PutItem": (client: DynamoDBClient) => client.send(new PutItemCommand({ TableName, Item: Key })),
      "dynamodb:UpdateItem": (client: DynamoDBClient) =>
        client.send(new UpdateItemCommand({ TableName, Key, UpdateExpression: "REMOVE x" })),
      "dynamodb:GetItem": (client: DynamoDBClient) => client.send(new GetItemCommand({ TableName, Key })),
      "dynamodb:BatchGetItem": (client: DynamoDBClient) =>
        client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key] } } })),
    };
    const actions = Object.keys(requests);
    for (const removed of actions) {
      const client = new DynamoDBClient(clientConfig(engine, await userWith(...actions.filter((action) => action !== removed))));
      const answers: Record<string, string> = {};
      for (const [action, send] of Object.entries(requests)) answers[action] = await attempt(send(client));
      expect(answers).toEqual(
        Object.fromEntries(actions.map((action) => [action, action === removed ? "AccessDeniedException" : "allowed"])),
      );
    }
  });

  it("enforces the actions of SQS of those who call it", async () => {
    const { url, arn } = await freshQueues(new SQSClient(clientConfig(engine)));
    const client = new SQSClient(clientConfig(engine, await userWith("sqs:SendMessage", "dynamodb:*")));
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "a" }));
    const [QueueUrl, QueueName] = [url, arn.split(":").at(-1)];
    const answers = await Promise.all([
      attempt(client.send(new ReceiveMessageCommand({ QueueUrl }))),
      attempt(client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: "any", VisibilityTimeout: 0 }))),
      attempt(client.send(new GetQueueUrlCommand({ QueueName }))),
    ]);
    expect(answers).toEqual(["AccessDenied", "AccessDenied", "AccessDenied"]);
  });

  it("takes the permission for a message as that for a batch, as AWS does", async () => {
    const { url: QueueUrl } = await freshQueues(new SQSClient(clientConfig(engine)));
    const batch = new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: [{ Id: "a", ReceiptHandle: "any", VisibilityTimeout: 0 }] });
    const answers: string[] = [];
    for (const action of ["sqs:ChangeMessageVisibility", "sqs:SendMessage"])
      answers.push(await attempt(new SQSClient(clientConfig(engine, await userWith(action))).send(batch)));
    expect(answers).toEqual(["allowed", "AccessDenied"]);
  });

  it("lets an event source mapping read and delete without a grant, which AWS does not", async () => {
    const sqs = new SQSClient(clientConfig(engine));
    const { url, arn, dlqUrl } = await freshQueues(sqs);
    await deployTemplate(engine, `mapping-${randomUUID()}`, JSON.stringify({ Resources: mapping(arn) }));
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "a" }));
    await until("the message is gone", async () => {
      const { visible, inFlight } = await countsOf(sqs, url);
      return visible + inFlight === 0 ? true : undefined;
    });
    expect(await countsOf(sqs, dlqUrl)).toMatchObject({ visible: 0, inFlight: 0 });
  });

  it("refuses an API's caller who has no grant, no key, or a key of somebody else, before the function runs", async () => {
    const { ApiId: apiId = "" } = await deployTemplate(engine, `api-${randomUUID()}`, JSON.stringify(apiTemplate));
    const payer = await userWith("execute-api:Invoke");
    const callers: readonly (readonly [string, Credentials | undefined])[] = [
      ["payer", payer],
      ["nobody", undefined],
      ["stranger", await userWith("sqs:SendMessage")],
      ["forger", { ...payer, secretAccessKey: "guessed" }],
    ];
    const answers: Record<string, number> = {};
    for (const [name, credentials] of callers) {
      const caller = credentials === undefined ? {} : { credentials };
      const { status, body } = await requestApi(engine, { apiId, method: "POST", path: "/any", body: "{}", ...caller });
      answers[name] = status;
      if (name === "payer") expect(body).toMatch(/^arn:aws:iam::000000000000:user\/user-/);
    }
    expect(answers).toEqual({ payer: 200, nobody: 403, stranger: 403, forger: 403 });
  });
});

const role = {
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } },
    },
  },
};

const functionOf = (code: string) => ({
  Type: "AWS::Lambda::Function",
  Properties: {
    Runtime: "nodejs24.x",
    Handler: "index.handler",
    Role: { "Fn::GetAtt": ["Role", "Arn"] },
    Code: { ZipFile: `exports.handler = async (event) => { ${code} };` },
  },
});

/** A function whose role may do nothing, mapped to a queue. */
const mapping = (queueArn: string) => ({
  Role: role,
  Handler: functionOf(""),
  Mapping: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: { EventSourceArn: queueArn, FunctionName: { Ref: "Handler" }, BatchSize: 1 },
  },
});

const ApiId = { Ref: "Api" };
const apiTemplate = {
  Resources: {
    Role: role,
    Handler: functionOf("return { statusCode: 200, body: event.requestContext.authorizer.iam.userArn };"),
    Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "any", ProtocolType: "HTTP" } },
    Stage: { Type: "AWS::ApiGatewayV2::Stage", Properties: { ApiId, StageName: "$default", AutoDeploy: true } },
    Integration: {
      Type: "AWS::ApiGatewayV2::Integration",
      Properties: {
        ApiId,
        IntegrationType: "AWS_PROXY",
        PayloadFormatVersion: "2.0",
        IntegrationUri: { "Fn::GetAtt": ["Handler", "Arn"] },
      },
    },
    Route: {
      Type: "AWS::ApiGatewayV2::Route",
      Properties: {
        ApiId,
        RouteKey: "POST /any",
        AuthorizationType: "AWS_IAM",
        Target: { "Fn::Sub": "integrations/${Integration}" },
      },
    },
  },
  Outputs: { ApiId: { Value: ApiId } },
};
