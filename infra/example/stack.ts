import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from "aws-cdk-lib";
import { AttributeType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import { IdempotencyTable, IdempotentQueueConsumer } from "../index.ts";
import { handlerFunction } from "./function.ts";
import { PaymentsApi } from "./payments-api.ts";

export interface ExampleStackProps extends StackProps {
  /** Who is told by the alarms. */
  readonly alarmEmail?: string | undefined;
  /** The origin of the pages that may call the payments API. */
  readonly allowedOrigin?: string | undefined;
}

/** Orders from a queue, shipments from a FIFO queue, payments over HTTP: three handlers on one table. */
export class ExampleStack extends Stack {
  readonly idempotencyTable: IdempotencyTable;
  private readonly ledger: TableV2;
  private readonly alarmTopic: Topic;

  constructor(scope: Construct, id: string, { alarmEmail, allowedOrigin = "https://shop.example.com", ...props }: ExampleStackProps = {}) {
    super(scope, id, props);
    this.alarmTopic = new Topic(this, "AlarmTopic", { enforceSSL: true });
    if (alarmEmail !== undefined) this.alarmTopic.addSubscription(new EmailSubscription(alarmEmail));

    this.idempotencyTable = new IdempotencyTable(this, "Idempotency");
    this.idempotencyTable.addAlarms({ topic: this.alarmTopic });
    this.ledger = ledgerTable(this);

    this.addConsumer("Orders", { entry: "orders.ts", operation: "orders", fifo: false });
    this.addConsumer("Shipments", { entry: "shipments.ts", operation: "shipments", fifo: true });
    this.addPayments(allowedOrigin);

    new CfnOutput(this, "IdempotencyTableName", { value: this.idempotencyTable.table.tableName });
    new CfnOutput(this, "LedgerTableName", { value: this.ledger.tableName, description: "Every charge that was made" });
  }

  private addConsumer(id: string, { entry, operation, fifo }: { entry: string; operation: string; fifo: boolean }): void {
    const handler = this.addHandler(`${id}Handler`, entry, `Consumes ${operation}, each of them once`);
    const consumer = new IdempotentQueueConsumer(this, id, {
      idempotencyTable: this.idempotencyTable,
      handler,
      operation,
      fifo,
      maxConcurrency: 10,
      alarmTopic: this.alarmTopic,
      dashboard: true,
      redrive: true,
    });
    if (fifo)
      Validations.of(consumer).acknowledge({
        id: "lambda-once:fifo-key",
        reason: "whoever sends shipments sends the attribute idempotency-key",
      });
    new CfnOutput(this, `${id}QueueUrl`, { value: consumer.queue.queueUrl });
    if (consumer.deadLetterQueue !== undefined)
      new CfnOutput(this, `${id}DeadLetterQueueUrl`, { value: consumer.deadLetterQueue.queueUrl });
    if (consumer.redriveFunction !== undefined) new CfnOutput(this, `${id}RedriveName`, { value: consumer.redriveFunction.functionName });
  }

  private addPayments(allowedOrigin: string): void {
    const handler = this.addHandler("PaymentsHandler", "payments.ts", "Charges a card, each request once");
    this.idempotencyTable.bind(handler);
    new PaymentsApi(this, "Payments", { handler, allowedOrigin });
  }

  private addHandler(id: string, entry: string, description: string) {
    const timeout = Duration.seconds(5);
    const handler = handlerFunction(this, id, { entry, description, timeout, environment: { LEDGER_TABLE: this.ledger.tableName } });
    this.ledger.grant(handler, "dynamodb:UpdateItem");
    new CfnOutput(this, `${id}Name`, { value: handler.functionName });
    return handler;
  }
}

// What the pretended payment provider keeps. It goes with the stack: there is no money in it.
function ledgerTable(scope: Construct): TableV2 {
  return new TableV2(scope, "Ledger", {
    partitionKey: { name: "reference", type: AttributeType.STRING },
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
