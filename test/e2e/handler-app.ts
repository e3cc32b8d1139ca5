// A function without a queue and without a table: the orders' handler, for which others make them.
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AttributeType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { handlerFunction } from "../../infra/example/function.ts";

const app = new App();
const stack = new Stack(app, "Handler");
const ledger = new TableV2(stack, "Ledger", {
  partitionKey: { name: "reference", type: AttributeType.STRING },
  removalPolicy: RemovalPolicy.DESTROY,
});
const handler = handlerFunction(stack, "Orders", {
  entry: "orders.ts",
  description: "Consumes orders",
  timeout: Duration.seconds(5),
  environment: {
    IDEMPOTENCY_TABLE: app.node.tryGetContext("tableName") as string,
    IDEMPOTENCY_RETENTION_SECONDS: "1641600",
    LEDGER_TABLE: ledger.tableName,
  },
});
ledger.grant(handler, "dynamodb:UpdateItem");
new CfnOutput(stack, "Arn", { value: handler.functionArn });
new CfnOutput(stack, "RoleName", { value: handler.role?.roleName ?? "" });
new CfnOutput(stack, "LedgerTableName", { value: ledger.tableName });
