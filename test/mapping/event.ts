// What a function is invoked with: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html ("Example event").
import { randomUUID } from "node:crypto";
import type { Message } from "@aws-sdk/client-sqs";
import type { Context, SQSEvent, SQSMessageAttributes, SQSRecord, SQSRecordAttributes } from "aws-lambda";

export function eventOf(messages: readonly Message[], eventSourceARN: string): SQSEvent {
  const awsRegion = eventSourceARN.split(":")[3] ?? "";
  return { Records: messages.map((message) => recordOf(message, eventSourceARN, awsRegion)) };
}

function recordOf(message: Message, eventSourceARN: string, awsRegion: string): SQSRecord {
  const { MessageId = "", ReceiptHandle = "", Body = "", MD5OfBody = "", MD5OfMessageAttributes, Attributes = {} } = message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes as unknown as SQSRecordAttributes,
    messageAttributes: attributesOf(message),
    md5OfBody: MD5OfBody,
    ...(MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: MD5OfMessageAttributes }),
    eventSource: "aws:sqs",
    eventSourceARN,
    awsRegion,
  };
}

function attributesOf({ MessageAttributes = {} }: Message): SQSMessageAttributes {
  const attributes: SQSMessageAttributes = {};
  for (const [name, { DataType = "", StringValue, BinaryValue }] of Object.entries(MessageAttributes)) {
    attributes[name] = {
      ...(StringValue === undefined ? {} : { stringValue: StringValue }),
      ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString("base64") }),
      stringListValues: [],
      binaryListValues: [],
      dataType: DataType as SQSMessageAttributes[string]["dataType"],
    };
  }
  return attributes;
}

const functionName = "consumer";

/** A context whose time runs out at `deadline`, in epoch ms. */
export function contextOf(deadline: number): Context {
  const context: Omit<Context, "done" | "fail" | "succeed"> = {
    awsRequestId: randomUUID(),
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: "128",
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  // The three that are left out went with Node 24.
  return context as Context;
}
