// The example app from its first deployment to its end.
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { app, driveDeployed, say } from "./app.ts";
import { deploy, destroy } from "./deployment.ts";

const title = "Node 24";

driveDeployed(title, { node: 24 }, (deployment) => {
  it("a deployment of the same changes nothing", async () => {
    const { engine, drive } = deployment();
    const { changed, outputs } = await deploy(engine, app);
    expect([changed, outputs["OrdersQueueUrl"]]).toEqual([false, drive.stage.output("OrdersQueueUrl")]);
    say(title, "a deployment of the same changes nothing", { called: "cdk deploy", read: "no changes" });
  });

  it("when the stack goes, records and dead letters stay", async () => {
    const { engine, drive } = deployment();
    const { stage } = drive;
    await destroy(engine, app);
    const described = await stage.dynamodb.send(new DescribeTableCommand({ TableName: stage.output("IdempotencyTableName") }));
    expect(described.Table?.TableStatus).toBe("ACTIVE");
    expect((await stage.record("orders", "thrice"))?.["status"]?.S).toBe("completed");
    expect(await stage.deadLetters("Orders")).toHaveLength(2);
    await expect(stage.messagesIn("Orders")).rejects.toMatchObject({ name: "QueueDoesNotExist" });
    await expect(stage.wholeLedger()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(stage.functionOf("OrdersHandler")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    const read = "table with its records, 2 dead letters; no queue, no ledger, no functions";
    say(title, "when the stack goes, records and dead letters stay", { called: "cdk destroy", read });
  });
});
