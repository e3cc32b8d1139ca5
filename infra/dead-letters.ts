// Whether a dead-letter queue and its queue fit each other.
import { Reference, Token, Tokenization } from "aws-cdk-lib";
import { CfnQueue, type IQueue, RedrivePermission } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { refuse } from "./findings.ts";
import { identityOf } from "./identity.ts";

export function typeName(isFifo: boolean): string {
  return isFifo ? "FIFO" : "standard";
}

/** Whether two constructs are one queue. */
export function isSame(one: IQueue, other: IQueue): boolean {
  return one === other || identityOf(one.queueArn, one) === identityOf(other.queueArn, other);
}

export function checkSameType(scope: Construct, deadLetterQueue: IQueue, isFifo: boolean): void {
  if (deadLetterQueue.fifo === isFifo) return;
  refuse(scope, "deadLetterQueue", deadLetterQueue, `a dead-letter queue has the type of its queue; take a ${typeName(isFifo)} queue`);
}

/** `has` is what the queue of one's own tells of its dead-letter queue. */
export function checkDeadLetterQueue(scope: Construct, deadLetterQueue: IQueue, queue: IQueue, has: IQueue | "none" | undefined): void {
  if (isSame(queue, deadLetterQueue))
    refuse(scope, "deadLetterQueue", deadLetterQueue, "it is the queue itself; take another one, which nobody consumes");
  if (has === "none")
    refuse(scope, "deadLetterQueue", deadLetterQueue, "queue has no redrive policy; give queue its deadLetterQueue where it is made");
  if (has !== undefined && !isSame(has, deadLetterQueue))
    refuse(scope, "deadLetterQueue", deadLetterQueue, `queue sends its dead letters to ${has.node.path}; leave this out`);
  checkSameType(scope, deadLetterQueue, queue.fifo);
}

/** The dead-letter queue's own word on whose dead letters it takes. */
export function checkPermission(scope: Construct, path: string, queue: IQueue, deadLetterQueue: IQueue): void {
  const child = deadLetterQueue.node.defaultChild;
  if (!CfnQueue.isCfnQueue(child)) return;
  const { redrivePermission, sourceQueueArns } = (child.redriveAllowPolicy ?? {}) as {
    redrivePermission?: unknown;
    sourceQueueArns?: unknown;
  };
  const isDenied =
    redrivePermission === RedrivePermission.DENY_ALL ||
    (redrivePermission === RedrivePermission.BY_QUEUE && isList(sourceQueueArns) && sourceQueueArns.every((arn) => isOther(queue, arn)));
  if (!isDenied) return;
  const allowed = "it takes no dead letters of this queue, and SQS refuses such a redrive policy; name the queue there, or allow all";
  refuse(scope, `${path}.redriveAllowPolicy`, redrivePermission, allowed);
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

/** Whether an ARN is certainly that of another queue. */
function isOther(queue: IQueue, arn: string): boolean {
  if (identityOf(queue.queueArn, queue) === identityOf(arn, queue)) return false;
  const [one, other] = [nameIn(queue, queue.queueArn), nameIn(queue, arn)];
  if (one !== undefined && other !== undefined) return one !== other;
  // Two constructs of this app are two queues.
  return isConstruct(queue.queueArn) && isConstruct(arn);
}

function nameIn(queue: IQueue, arn: string): string | undefined {
  const child = queue.node.defaultChild;
  const name = arn === queue.queueArn && CfnQueue.isCfnQueue(child) ? child.queueName : arn.split(":").at(-1);
  return Token.isUnresolved(name) ? undefined : name;
}

function isConstruct(arn: string): boolean {
  const token = Tokenization.reverseString(arn).firstToken;
  return token !== undefined && Reference.isReference(token) && CfnQueue.isCfnQueue(token.target);
}
