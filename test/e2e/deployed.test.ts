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
    say(title, "a deployment of the same changes nothing", {
      called: "cdk deploy",
      read: `changed ${changed}, queue ${outputs["OrdersQueueUrl"]}`,
    });
  });

  it("when the stack goes, records and dead letters stay", async () => {
    const { engine, drive } = deployment();
    const { stage } = drive;
    await destroy(engine, app);
    const described = await stage.dynamodb.send(new DescribeTableCommand({ TableName: stage.output("IdempotencyTableName") }));
    const table = described.Table?.TableStatus;
    const record = (await stage.record("orders", "thrice"))?.["status"]?.S;
    const dead = (await stage.deadLetters("Orders")).length;
    expect([table, record, dead]).toEqual(["ACTIVE", "completed", 2]);
    const gone = await Promise.all([stage.messagesIn("Orders"), stage.wholeLedger(), stage.functionOf("OrdersHandler")].map(errorOf));
    expect(gone).toEqual(["QueueDoesNotExist", "ResourceNotFoundException", "ResourceNotFoundException"]);
    const read = `table ${table}, record ${record}, dead letters ${dead}; queue, ledger and function: ${gone.join(", ")}`;
    say(title, "when the stack goes, records and dead letters stay", { called: "cdk destroy", read });
  });
});

/** The name of the error that it ends in. */
function errorOf(asked: Promise<unknown>): Promise<string | undefined> {
  return asked.then(
    () => undefined,
    ({ name }: Error) => name,
  );
}
