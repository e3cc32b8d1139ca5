// With IAM enforced: our grants are enough for everything, and each of the four actions is needed for something that can be seen.
import { GetRolePolicyCommand, ListRolePoliciesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { expect, it } from "vitest";
import { runtimeActions } from "../../src/dynamodb/table.ts";
import { until } from "../support/until.ts";
import { driveDeployed, say } from "./app.ts";
import type { Drive, Line } from "./drive.ts";
import type { Stage } from "./stage.ts";

const title = "IAM";
type Action = (typeof runtimeActions)[number];

/** What is seen without an action, in the answer, the log or the record. */
const without: Readonly<Record<Action, (drive: Drive) => Promise<Line>>> = {
  async "dynamodb:PutItem"({ stage, alice }) {
    const { status, body } = await stage.pay(alice, "no put", { reference: "no put", card: "tok_visa", amount: 1 });
    expect([status, JSON.parse(body)]).toEqual([500, { code: "CONFIG_INVALID" }]);
    expect([await stage.ledger("no put"), await stage.record("payments", [alice.arn, "no put"])]).toEqual([
      expect.objectContaining({ calls: 0, charges: 0 }),
      undefined,
    ]);
    return { called: "POST /payments", read: "500 CONFIG_INVALID, calls 0, no record" };
  },
  async "dynamodb:UpdateItem"({ stage, alice }) {
    const { status } = await stage.pay(alice, "no update", { reference: "no update", card: "tok_visa", amount: 1 });
    expect(status).toBe(201);
    const record = await stage.record("payments", [alice.arn, "no update"]);
    expect([record?.["status"]?.S, (await stage.ledger("no update")).charges]).toEqual(["in_progress", 1]);
    await logs(stage, "store_error", "settle");
    return { called: "POST /payments", read: "201, charges 1; record in_progress, and its error is logged: nobody could complete it" };
  },
  async "dynamodb:GetItem"({ stage, alice }) {
    const pay = () => stage.pay(alice, "no get", { reference: "no get", card: "tok_slow", amount: 1 });
    const first = pay();
    await until("the first one is claimed", async () => ((await stage.record("payments", [alice.arn, "no get"])) ? true : undefined));
    const answers = await Promise.all([first, pay()]);
    expect(answers.map(({ status }) => status)).toEqual([201, 500]);
    expect(JSON.parse(answers[1]?.body ?? "")).toEqual({ code: "CONFIG_INVALID" });
    expect(await stage.ledger("no get")).toMatchObject({ calls: 1, charges: 1 });
    return { called: "POST /payments ×2 at the same time", read: "201 and, for the one that waited, 500 CONFIG_INVALID; charges 1" };
  },
  async "dynamodb:BatchGetItem"({ stage, alice }) {
    const pay = () => stage.pay(alice, "no batch", { reference: "no batch", card: "tok_visa", amount: 1, document: true });
    const answers = [await pay(), await pay()];
    expect(answers.map(({ status }) => status)).toEqual([201, 500]);
    expect(JSON.parse(answers[1]?.body ?? "")).toEqual({ code: "CONFIG_INVALID" });
    expect(await stage.ledger("no batch")).toMatchObject({ calls: 1, charges: 1 });
    return { called: "POST /payments ×2", read: "201 and, for the replay of 20 KB, 500 CONFIG_INVALID; charges 1" };
  },
};

driveDeployed(title, { iam: true }, (deployment) => {
  it("whoever has no policy, no key or a wrong secret may not call the API", async () => {
    const { stage } = deployment().drive;
    const stranger = await stage.newCaller("stranger", []);
    const unknown = { ...stranger, credentials: { ...stranger.credentials, accessKeyId: "AKIANOBODYATALL00000" } };
    const forger = { ...deployment().drive.alice, credentials: { ...deployment().drive.alice.credentials, secretAccessKey: "guessed" } };
    const statuses: number[] = [];
    for (const caller of [stranger, unknown, forger])
      statuses.push((await stage.pay(caller, "stranger", { reference: "stranger's", card: "tok_visa", amount: 1 })).status);
    const { calls } = await stage.ledger("stranger's");
    expect([statuses, calls]).toEqual([[403, 403, 403], 0]);
    say(title, "whoever has no policy, no key or a wrong secret may not call the API", {
      called: "POST /payments ×3",
      read: `${statuses.join()}, calls ${calls}`,
    });
  });

  for (const action of runtimeActions)
    it(`without ${action} something is seen, and with it again nothing is`, async () => {
      const { drive } = deployment();
      const line = await withoutAction(drive.stage, action, () => without[action](drive));
      const again = await drive.stage.pay(drive.alice, `again ${action}`, { reference: `again ${action}`, card: "tok_visa", amount: 1 });
      expect(again.status).toBe(201);
      say(title, `without ${action}`, line);
    });
});

/** Takes an action away from the role of the payments' handler for a while. */
async function withoutAction<T>({ iam, functionOf }: Stage, action: Action, run: () => Promise<T>): Promise<T> {
  const RoleName = (await functionOf("PaymentsHandler")).Role?.split("/").at(-1);
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const policies = await Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return { PolicyName, document: decodeURIComponent(PolicyDocument) };
    }),
  );
  const put = (PolicyName: string, PolicyDocument: string) => iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  let taken = 0;
  for (const { PolicyName, document } of policies) {
    const policy = JSON.parse(document) as { Statement: { Action: string | string[]; Resource: unknown }[] };
    const Statement = policy.Statement.map((statement) => {
      const actions = [statement.Action].flat();
      // The ledger's grant has UpdateItem alone, and is not ours.
      if (!actions.includes(action) || actions.length === 1) return statement;
      taken++;
      return { ...statement, Action: actions.filter((other) => other !== action) };
    });
    await put(PolicyName, JSON.stringify({ ...policy, Statement }));
  }
  expect(taken).toBe(1);
  try {
    return await run();
  } finally {
    for (const { PolicyName, document } of policies) await put(PolicyName, document);
  }
}

function logs(stage: Stage, type: string, during: string): Promise<true> {
  return until(`${type} while ${during} is logged`, async () => {
    const lines = await stage.logged("PaymentsHandler");
    return lines.some(({ event }) => {
      const { type: of, during: when } = (event ?? {}) as { type?: string; during?: string };
      return of === type && when === during;
    })
      ? true
      : undefined;
  });
}
