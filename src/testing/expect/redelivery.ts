import { isObject } from "../../core/check.ts";
import { digitsOf, extendedIdOf, logTime, uuidOf } from "../aws-forms.ts";
import { type SqsRecord, sqsRecordsOf } from "./queue.ts";

/** Which delivery it is. */
export interface DeliveryNumber {
  /** Of all deliveries ever made, from 1. */
  readonly nth: number;
  /** Of this event in its schedule, from 1. */
  readonly ofEvent: number;
}

/**
 * An event as its source delivers it again. What a source makes anew for each delivery differs, the rest is the same:
 *
 * | source | differs |
 * |---|---|
 * | SQS; a list of its records, or one alone | `receiptHandle`, `ApproximateReceiveCount` of each record |
 * | API Gateway, function URL: a client's retry | the ids and the time of the request, the trace id |
 * | load balancer: a client's retry | the trace id |
 *
 * @param event A copy, which is changed.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
 */
export function redelivered(event: unknown, delivery: DeliveryNumber): unknown {
  for (const record of sqsRecordsOf(event)) receiveAgain(record, delivery);
  if (isObject(event) && isObject(event["requestContext"])) requestAgain(event, event["requestContext"], delivery);
  return event;
}

function receiveAgain(record: SqsRecord, { nth, ofEvent }: DeliveryNumber): void {
  const { receiptHandle, attributes } = record;
  record.receiptHandle = Buffer.from(digitsOf(receiptHandle, nth), "hex").toString("base64");
  const count = Number(attributes["ApproximateReceiveCount"]);
  if (Number.isFinite(count)) attributes["ApproximateReceiveCount"] = String(count + ofEvent - 1);
}

function requestAgain(event: Record<string, unknown>, context: Record<string, unknown>, { nth, ofEvent }: DeliveryNumber): void {
  const isHttp = typeof context["requestId"] === "string" && (isObject(context["http"]) || typeof context["httpMethod"] === "string");
  if (!isHttp && !isObject(context["elb"])) return;
  if (isHttp) {
    if (typeof context["extendedRequestId"] === "string") context["extendedRequestId"] = extendedIdOf(digitsOf(context["requestId"], nth));
    context["requestId"] = uuidOf(context["requestId"], nth);
    for (const [epoch, shown] of [
      ["requestTimeEpoch", "requestTime"],
      ["timeEpoch", "time"],
    ] as const) {
      const { [epoch]: atMs } = context;
      if (typeof atMs === "number") Object.assign(context, { [epoch]: atMs + later(ofEvent), [shown]: logTime(atMs + later(ofEvent)) });
    }
  }
  for (const fields of [event["headers"], event["multiValueHeaders"]]) if (isObject(fields)) traceAgain(fields, nth);
}

function traceAgain(fields: Record<string, unknown>, nth: number): void {
  for (const [name, value] of Object.entries(fields)) {
    if (name.toLowerCase() !== "x-amzn-trace-id") continue;
    const traceId = `Root=1-${digitsOf(value, nth).slice(0, 8)}-${digitsOf(nth, value).slice(0, 24)}`;
    fields[name] = Array.isArray(value) ? [traceId] : traceId;
  }
}

/** How much later a client tries again. Milliseconds. */
function later(ofEvent: number): number {
  return (ofEvent - 1) * 1000;
}
