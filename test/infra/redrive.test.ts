// The function that brings dead letters back: made or taken, told what it needs, and granted what it does and nothing else.
import { Duration } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { describe, expect, it } from "vitest";
import { redriveActions } from "../../src/dynamodb/table.ts";
import { env, newConsumer, newFunction, newStack, type Resource, resourcesOf, warningIds } from "./support.ts";

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

const functions = (stack: ReturnType<typeof newStack>) => Object.entries(resourcesOf(stack, "AWS::Lambda::Function"));
const isRedrive = ([id]: [string, Resource]) => id.startsWith("OrdersRedriveFunction") || id.startsWith("Mine");

/** What the function may do, by the start of the resource's logical id. */
function grantsOf(stack: ReturnType<typeof newStack>): Record<string, string[]> {
  const policies = Object.entries(resourcesOf(stack, "AWS::IAM::Policy")).filter(([id]) => /^(OrdersRedrive|Mine)/.test(id));
  const statements = policies.flatMap(([, { Properties }]) => (Properties["PolicyDocument"] as { Statement: Statement[] }).Statement);
  const named = statements.map(({ Action, Resource }) => {
    const id = /"Fn::GetAtt":\["(OrdersQueue|OrdersDeadLetterQueue|OrdersTable|OrdersRedriveLog|QueueKey|DeadKey)/.exec(
      JSON.stringify(Resource),
    )?.[1];
    return [id ?? JSON.stringify(Resource), [Action].flat()] as const;
  });
  return Object.fromEntries(named);
}

const deadLetterActions = [
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:ChangeMessageVisibility",
  "sqs:GetQueueAttributes",
  "sqs:ListDeadLetterSourceQueues",
  "sqs:ListMessageMoveTasks",
];
const queueActions = ["sqs:SendMessage"];

it("is not there unless it is asked for", () => {
  const stack = newStack({ env });
  expect(newConsumer(stack).redriveFunction).toBeUndefined();
  expect(functions(stack).filter(isRedrive)).toEqual([]);
});

describe("redrive: true", () => {
  const stack = newStack({ env });
  newConsumer(stack, { operation: "orders", redrive: true });
  const [, made] = functions(stack).find(isRedrive) ?? ["", undefined];

  it("makes a function that is told table, retention, queues and operation", () => {
    expect(made?.Properties).toMatchObject({
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Timeout: 900,
      Environment: {
        Variables: {
          IDEMPOTENCY_TABLE: { Ref: expect.stringMatching(/^OrdersTable/) as unknown },
          IDEMPOTENCY_RETENTION_SECONDS: String((4 + 14 + 1) * 86_400),
          REDRIVE_DEAD_LETTER_QUEUE_URL: { Ref: expect.stringMatching(/^OrdersDeadLetterQueue/) as unknown },
          REDRIVE_SOURCE_QUEUE_ARN: { "Fn::GetAtt": [expect.stringMatching(/^OrdersQueue/), "Arn"] as unknown },
          REDRIVE_OPERATION: "orders",
        },
      },
    });
  });

  it("grants what a redrive does, and nothing else", () => {
    expect(grantsOf(stack)).toEqual({
      OrdersTable: [...redriveActions],
      OrdersQueue: queueActions,
      OrdersDeadLetterQueue: deadLetterActions,
      OrdersRedriveLog: ["logs:CreateLogStream", "logs:PutLogEvents"],
    });
  });
});

describe("a function of one's own", () => {
  it("gets the same, without an operation where none is told", () => {
    const stack = newStack({ env });
    newConsumer(stack, { redriveFunction: newFunction(stack, { id: "Mine" }) });
    const [, own] = functions(stack).find(isRedrive) ?? ["", undefined];
    expect(Object.keys((own?.Properties["Environment"] as { Variables: object } | undefined)?.Variables ?? {}).sort()).toEqual([
      "IDEMPOTENCY_RETENTION_SECONDS",
      "IDEMPOTENCY_TABLE",
      "REDRIVE_DEAD_LETTER_QUEUE_URL",
      "REDRIVE_SOURCE_QUEUE_ARN",
    ]);
    expect(grantsOf(stack)).toEqual({
      OrdersTable: [...redriveActions],
      OrdersQueue: queueActions,
      OrdersDeadLetterQueue: deadLetterActions,
    });
  });

  it("that is imported is warned about, since it is told nothing", () => {
    const stack = newStack({ env });
    const imported = LambdaFunction.fromFunctionName(stack, "Imported", "redrive");
    newConsumer(stack, { redriveFunction: imported });
    expect(warningIds(stack)).toContain("lambda-once:redrive-environment");
  });

  it("that is of this app is not warned about", () => {
    const stack = newStack({ env });
    newConsumer(stack, { redriveFunction: newFunction(stack, { id: "Mine" }) });
    expect(warningIds(stack)).toEqual([]);
  });

  it("may use the keys of both queues", () => {
    const stack = newStack({ env });
    const [encryptionMasterKey, deadKey] = [new Key(stack, "QueueKey"), new Key(stack, "DeadKey")];
    newConsumer(stack, {
      operation: "orders",
      redrive: true,
      queueProps: { encryptionMasterKey },
      deadLetterQueueProps: { encryptionMasterKey: deadKey },
    });
    expect(grantsOf(stack)).toMatchObject({
      DeadKey: ["kms:Decrypt"],
      QueueKey: ["kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
    });
  });
});

describe("refused", () => {
  it.for([
    ["both at once", { operation: "orders", redrive: true }, true, /redriveFunction is .+: redrive: true makes one; leave one of them out/],
    ["no operation", { redrive: true }, false, /operation is missing: redrive: true needs what the handler's code says/],
  ] as const)("%s", ([, props, isOwn, message]) => {
    const stack = newStack({ env });
    const redriveFunction = isOwn ? { redriveFunction: newFunction(stack, { id: "Mine" }) } : {};
    expect(() => newConsumer(stack, { ...props, ...redriveFunction })).toThrow(message);
  });

  it("no dead-letter queue", () => {
    const stack = newStack({ env });
    const queue = new Queue(stack, "Own", { visibilityTimeout: Duration.minutes(2) });
    expect(() => newConsumer(stack, { queue, operation: "orders", redrive: true })).toThrow(
      /redrive is true: there is no dead-letter queue to bring messages back from/,
    );
  });

  it("one function for two consumers: it is told one dead-letter queue", () => {
    const stack = newStack({ env });
    const redriveFunction = newFunction(stack, { id: "Mine" });
    const consumer = newConsumer(stack, { redriveFunction });
    expect(consumer.redriveFunction).toBe(redriveFunction);
    expect(() => newConsumer(stack, { id: "Others", redriveFunction })).toThrow(
      /environment\.IDEMPOTENCY_TABLE|REDRIVE_DEAD_LETTER_QUEUE_URL/,
    );
  });
});
