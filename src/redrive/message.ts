// A message as the SDK receives it, in the shape in which Lambda hands it to a handler: the key's code is the handler's.
import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { SQSMessageAttribute, SQSRecord, SQSRecordAttributes } from "../sqs/event.ts";

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
export function lambdaRecord(message: Message, sourceQueueArn: string): SQSRecord {
  const { MessageId = "", ReceiptHandle = "", Body = "", Attributes = {}, MessageAttributes = {}, MD5OfBody = "" } = message;
  const { MD5OfMessageAttributes } = message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: { ...Attributes } as unknown as SQSRecordAttributes, // a copy: what a key function does to it is its own affair
    messageAttributes: Object.fromEntries(Object.entries(MessageAttributes).map(([name, value]) => [name, lambdaAttribute(value)])),
    md5OfBody: MD5OfBody,
    ...(MD5OfMessageAttributes !== undefined && { md5OfMessageAttributes: MD5OfMessageAttributes }),
    eventSource: "aws:sqs",
    eventSourceARN: sourceQueueArn,
    awsRegion: sourceQueueArn.split(":")[3] ?? "",
  };
}

function lambdaAttribute({ DataType = "String", StringValue, BinaryValue }: MessageAttributeValue): SQSMessageAttribute {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString("base64") }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}
