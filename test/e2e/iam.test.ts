// With IAM enforced: our grants are enough for everything, and each of the four actions is needed for something that can be seen.
import { GetRolePolicyCommand, ListRolePoliciesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { expect, it } from "vitest";
import { runtimeActions } from "../../src/dynamodb/table.ts";
import type { ApiResponse } from "../engines/api-request.ts";
import type { Ledger } from "../support/ledger.ts";
import { until } from "../support/until.ts";
import { driveDeployed, say } from "./app.ts";
import { type Item, paymentKey, type Stage } from "./stage.ts";
import type { Line } from "./step.ts";

const title = "IAM";
type Action = (typeof runtimeActions)[number];

/** What misses an action. */
interface Loss {
  /** What the library was about when it was refused. */
  readonly during: string;
  /** Key and reference of the payment. */
  readonly key: string;
  readonly payment: object;
  /** What is seen of it, in the answers, the ledger and the record. */
  seen(payment: { pay(): Promise<ApiResponse>; record(): Promise<Item | undefined>; ledger(): Promise<Ledger> }): Promise<Line>;
  /** A payment that needs the action, when it is granted again. */
  readonly again: { readonly key: string; readonly payment: object };
}

const visa = { card: "tok_visa", amount: 1 };
const document = { ...visa, document: true };

const losses: Readonly<Record<Action, Loss>> = {
  "dynamodb:PutItem": {
    during: "claim",
    key: "no-put",
    payment: visa,
    async seen({ pay, record, ledger }) {
      const [answer, { calls, charges }, status] = [shown(await pay()), await ledger(), statusOf(await record())];
      expect([answer, calls, charges, status]).toEqual(["500 idempotency_misconfigured", 0, 0, "none"]);
      return { called: "POST /payments", read: `${answer}; calls ${calls}, charges ${charges}, record ${status}` };
    },
    again: { key: "no-put", payment: visa },
  },
  "dynamodb:UpdateItem": {
    during: "settle",
    key: "no-update",
    payment: visa,
    async seen({ pay, record, ledger }) {
      const [answer, { calls, charges }, status] = [shown(await pay()), await ledger(), statusOf(await record())];
      expect([answer, calls, charges, status]).toEqual(["201", 1, 1, "in_progress"]);
      return { called: "POST /payments", read: `${answer}; calls ${calls}, charges ${charges}, record ${status}` };
    },
    again: { key: "update", payment: visa },
  },
  "dynamodb:GetItem": {
    during: "read",
    key: "no-get",
    // The first one does not end before it is killed, so that the second one has seconds in which to come.
    payment: { card: "tok_hangs", amount: 1 },
    async seen({ pay, record, ledger }) {
      const first = pay();
      await until("the first one is claimed", record);
      const [second, { calls, charges }, status] = [shown(await pay()), await ledger(), statusOf(await record())];
      expect([second, calls, charges, status]).toEqual(["500 idempotency_misconfigured", 1, 0, "in_progress"]);
      await first;
      const read = `for the second one, which was to wait, ${second}; calls ${calls}, charges ${charges}, record ${status}`;
      return { called: "POST /payments ×2 at the same time", read };
    },
    again: { key: "get", payment: { card: "tok_slow", amount: 1 } },
  },
  "dynamodb:BatchGetItem": {
    during: "result",
    key: "no-batch",
    payment: document,
    async seen({ pay, ledger }) {
      const [first, second, { calls, charges }] = [shown(await pay()), shown(await pay()), await ledger()];
      expect([first, second, calls, charges]).toEqual(["201", "500 idempotency_misconfigured", 1, 1]);
      return { called: "POST /payments ×2", read: `${first}, and for the replay of 20 KB ${second}; calls ${calls}, charges ${charges}` };
    },
    again: { key: "no-batch", payment: document },
  },
};

function shown({ status, body }: ApiResponse): string {
  return [status, (JSON.parse(body) as { code?: string }).code ?? []].flat().join(" ");
}

function statusOf(record: Item | undefined): string {
  return record?.["status"]?.S ?? "none";
}

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

  it.for(runtimeActions)("without %s something is seen, and with it again nothing is", async (action) => {
    const { stage, alice } = deployment().drive;
    const { during, key, payment, seen, again } = losses[action];
    const { called, read } = await withoutAction(stage, action, () =>
      seen({
        pay: () => stage.pay(alice, key, { reference: key, ...payment }),
        record: () => stage.record("payments", paymentKey(alice, key)),
        ledger: () => stage.ledger(key),
      }),
    );
    const told = await stage.event("PaymentsHandler", "store_error", paymentKey(alice, key));
    const [, name, may] = /(\w+): User: .* is not authorized to perform: ([\w:]+)/.exec((told["error"] as Error).message) ?? [];
    expect([told["during"], name, may]).toEqual([during, "AccessDeniedException", action]);

    const pay = () => stage.pay(alice, again.key, { reference: again.key, ...again.payment });
    const answers = (await Promise.all([pay(), pay()])).map(shown);
    const { charges } = await stage.ledger(again.key);
    expect([...answers, charges]).toEqual(["201", "201", 1]);
    say(title, `without ${action}`, {
      called: `${called}; ×2 with it again`,
      read: `${read}; store_error while ${String(told["during"])}: ${name}, ${may}; with it again ${answers.join(" and ")}, charges ${charges}`,
    });
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
