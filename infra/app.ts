// The example app that cdk.json runs: the table of lambda-once, as production would have it.
import { App, CfnOutput, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AttributeType, Billing, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { partitionKey, sortKey, tableNameVariable, timeToLiveAttribute } from "../src/dynamodb/table.ts";

const stack = new Stack(new App(), "LambdaOnceExample", { description: "Example of lambda-once" });

const table = new TableV2(stack, "Table", {
  partitionKey: { name: partitionKey, type: AttributeType.STRING },
  sortKey: { name: sortKey, type: AttributeType.STRING },
  timeToLiveAttribute,
  billing: Billing.onDemand(),
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  deletionProtection: true,
  removalPolicy: RemovalPolicy.RETAIN,
});

new CfnOutput(stack, "TableName", { value: table.tableName, description: `What a function gets as ${tableNameVariable}` });
