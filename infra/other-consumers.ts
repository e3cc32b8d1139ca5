// Who else consumes a queue.
import { CfnEventSourceMapping, EventSourceMapping, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { IConstruct } from "constructs";
import { identityOf } from "./identity.ts";

/** The other functions of the app with an event source mapping of the queue that is on. */
export function otherConsumers(queue: IQueue, handler: IFunction, eventSource: SqsEventSource): readonly IConstruct[] {
  const arn = identityOf(queue.queueArn, queue);
  const own = mappingsOf(handler).find(({ eventSourceMappingId }) => eventSourceMappingId === eventSource.eventSourceMappingId);
  return queue.node.root.node
    .findAll()
    .filter((node) => CfnEventSourceMapping.isCfnEventSourceMapping(node))
    .filter((node) => node.node.scope !== own && (node.enabled ?? true) === true)
    .filter((node) => node.eventSourceArn !== undefined && identityOf(node.eventSourceArn, node) === arn)
    .map((node) => consumerOf(node));
}

/** The event source mappings that a function was given. */
export function mappingsOf(handler: IFunction): readonly EventSourceMapping[] {
  return handler.node.children.filter((child) => child instanceof EventSourceMapping);
}

function consumerOf(mapping: CfnEventSourceMapping): IConstruct {
  const { scope } = mapping.node;
  return scope instanceof EventSourceMapping ? (scope.node.scope ?? scope) : mapping;
}
