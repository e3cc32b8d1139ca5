// What is done to the payments API of the deployed app, and what its callers are answered. Each step has references and keys of its own, so that
// they can run at the same time.
import { expect } from "vitest";
import type { ApiResponse } from "../engines/api-request.ts";
import { until } from "../support/until.ts";
import { type Key, paymentKey, shop, type Stage } from "./stage.ts";
import { completed, once, type Step } from "./step.ts";

/** Asked, and not charged. */
const declined = { charges: 0, calls: 1 };

export const paymentSteps: readonly Step[] = [
  {
    name: "a payment that is clicked twice: the second click waits, and gets the first one's receipt",
    async run({ stage, alice, expected }) {
      expected.set("clicked", once);
      const pay = () => stage.pay(alice, "click", { reference: "clicked", card: "tok_slow", amount: 700 });
      const key = paymentKey(alice, "click");
      const first = pay();
      await until("the first click is claimed", async () => ((await statusOf(stage, key)) === "in_progress" ? true : undefined));
      const answers = await Promise.all([first, pay()]);
      expectReplayed(...answers, { status: 201, key: "click" });
      for (const { headers } of answers) expect(headers["access-control-expose-headers"]).toContain("idempotent-replayed");
      return {
        called: "POST /payments ×2 at the same time",
        read: `${saidOf(answers)}; ${await completed(stage, "payments", key, once, "clicked")}`,
      };
    },
  },
  {
    name: "five clicks at the same moment are one charge, and five times its receipt",
    async run({ stage, alice, expected }) {
      expected.set("hammered", once);
      const pay = () => stage.pay(alice, "hammer", { reference: "hammered", card: "tok_visa", amount: 700 });
      const answers = await Promise.all([pay(), pay(), pay(), pay(), pay()]);
      const created = answers.filter(({ headers }) => headers["idempotency-status"] === "created");
      expect(created).toHaveLength(1);
      for (const other of answers) if (other !== created[0]) expectReplayed(created[0]!, other, { status: 201, key: "hammer" });
      return {
        called: "POST /payments ×5 at the same time",
        read: `${saidOf(answers)}; ${await completed(stage, "payments", paymentKey(alice, "hammer"), once, "hammered")}`,
      };
    },
  },
  {
    name: "a receipt of 20 KB is replayed byte for byte",
    async run({ stage, alice, expected }) {
      expected.set("document", once);
      const pay = () => stage.pay(alice, "document", { reference: "document", card: "tok_visa", amount: 700, document: true });
      const answers = [await pay(), await pay()] as const;
      expectReplayed(...answers, { status: 201, key: "document" });
      expect(answers[0].body.length).toBeGreaterThan(20_000);
      const record = await stage.record("payments", paymentKey(alice, "document"));
      expect([record?.["chunks"]?.N, record?.["result"]]).toEqual([expect.stringMatching(/^[1-9]/), undefined]);
      const read = await completed(stage, "payments", paymentKey(alice, "document"), once, "document");
      return {
        called: "POST /payments ×2",
        read: `${read}, with ${record?.["chunks"]?.N} items beside it; answers of ${answers.map(({ body }) => body.length).join(" and ")} bytes`,
      };
    },
  },
  {
    name: "one key of two callers is two payments",
    async run({ stage, alice, bob, expected }) {
      expected.set("shared", { charges: 2, calls: 2 });
      const pay = (caller: typeof alice) => stage.pay(caller, "shared", { reference: "shared", card: "tok_visa", amount: 1 });
      const [first, second] = [await pay(alice), await pay(bob)];
      expect(saidOf([first, second])).toBe("201 created, 201 created");
      expect(second.body).not.toBe(first.body);
      expectReplayed(first, await pay(alice), { status: 201, key: "shared" });
      expectReplayed(second, await pay(bob), { status: 201, key: "shared" });
      const [hers, his] = [await statusOf(stage, paymentKey(alice, "shared")), await statusOf(stage, paymentKey(bob, "shared"))];
      const { charges, calls } = await stage.ledger("shared");
      expect([hers, his, charges, calls]).toEqual(["completed", "completed", 2, 2]);
      return { called: "POST /payments ×2, ×2 again", read: `charges ${charges}, calls ${calls}; records ${hers} and ${his}` };
    },
  },
  {
    name: "a card that is declined is an answer: the same request gets it again, and nobody is asked again",
    async run({ stage, alice, expected }) {
      expected.set("declined", declined);
      const pay = () => stage.pay(alice, "declined", { reference: "declined", card: "tok_declined", amount: 1 });
      const answers = [await pay(), await pay()] as const;
      expectReplayed(...answers, { status: 402, key: "declined" });
      expect(codeOf(answers[0])).toBe("CARD_DECLINED");
      const read = await completed(stage, "payments", paymentKey(alice, "declined"), declined, "declined");
      return { called: "POST /payments ×2", read: `${saidOf(answers)}; ${read}` };
    },
  },
  {
    name: "a payment that is none is refused, now and again, and with a key of its own it is paid when it is mended",
    async run({ stage, alice, expected }) {
      expected.set("mended", once);
      const pay = (key: string, amount: number) => stage.pay(alice, key, { reference: "mended", card: "tok_visa", amount });
      const refused = [await pay("typo", -1), await pay("typo", -1)] as const;
      expectReplayed(...refused, { status: 400, key: "typo" });
      expect(codeOf(refused[0])).toBe("PAYMENT_INVALID");
      const mended = [await pay("typo", 1), await pay("mended", 1)];
      expect(mended.map(shown)).toEqual(["422 idempotency_key_reused", "201"]);
      const read = await completed(stage, "payments", paymentKey(alice, "mended"), once, "mended");
      return { called: "POST /payments ×4", read: `${saidOf([...refused, ...mended])}; ${read}` };
    },
  },
  {
    name: "a payment whose key was used for another one, that has none, or a malformed one, is refused",
    async run({ stage, alice, expected }) {
      expected.set("refused", once);
      const pay = (key: string | undefined, amount: number) => stage.pay(alice, key, { reference: "refused", card: "tok_visa", amount });
      const answers = [await pay("refused", 1), await pay("refused", 2), await pay(undefined, 1), await pay("two words", 1)];
      expect(answers.map(shown)).toEqual([
        "201",
        "422 idempotency_key_reused",
        "400 idempotency_key_missing",
        "400 idempotency_key_invalid",
      ]);
      // Without them a page of the shop could not read the code, and would not know what to do.
      for (const { headers } of answers) expect(headers["access-control-allow-origin"]).toBe(shop);
      const problems = answers.slice(1).map(({ headers }) => [headers["content-type"], headers["cache-control"]].join(" "));
      expect(new Set(problems)).toEqual(new Set(["application/problem+json no-store"]));
      const read = await completed(stage, "payments", paymentKey(alice, "refused"), once, "refused");
      return { called: "POST /payments ×4", read: `${answers.map(shown).join(", ")}; ${read}` };
    },
  },
  {
    name: "nobody pays without a signature, and a browser may ask",
    async run({ stage }) {
      const { status, body } = await stage.pay(undefined, "nobody", { reference: "nobody's", card: "tok_visa", amount: 1 });
      expect([status, JSON.parse(body)]).toEqual([403, { message: "Forbidden" }]);
      const { headers } = await stage.preflight();
      expect(headers["access-control-allow-origin"]).toBe(shop);
      const allowed = headers["access-control-allow-headers"]?.toLowerCase();
      expect(allowed).toContain("idempotency-key");
      const { calls } = await stage.ledger("nobody's");
      expect(calls).toBe(0);
      return { called: "POST /payments, OPTIONS /payments", read: `${status}, calls ${calls}; allowed headers ${allowed}` };
    },
  },
];

/** What is of one answer alone, and not the function's. */
const passing = new Set(["date", "apigw-requestid", "x-amzn-requestid", "x-amz-request-id", "x-amz-id-2"]);

/** Holds that an answer is the first one again, and differs from it in nothing but the headers that say so. */
function expectReplayed(first: ApiResponse, second: ApiResponse, { status, key }: { readonly status: number; readonly key: string }): void {
  expect([first.status, second.status]).toEqual([status, status]);
  expect(second.body).toBe(first.body);
  const lasting = ({ headers }: ApiResponse) => Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.has(name)));
  expect(first.headers).toMatchObject({ "idempotency-key": key, "idempotency-status": "created" });
  expect(lasting(second)).toEqual({
    ...lasting(first),
    "idempotency-status": "replayed",
    "idempotent-replayed": "true",
    "idempotency-original-request": expect.stringMatching(/^[\da-f-]{36}$/),
    "cache-control": "no-store",
  });
}

function codeOf({ body }: ApiResponse): string | undefined {
  return (JSON.parse(body) as { code?: string }).code;
}

function shown(answer: ApiResponse): string {
  return [answer.status, codeOf(answer) ?? []].flat().join(" ");
}

/** What answers say of their requests, for the line that is printed. */
function saidOf(answers: readonly ApiResponse[]): string {
  return answers.map(({ status, headers }) => [status, headers["idempotency-status"] ?? []].flat().join(" ")).join(", ");
}

async function statusOf(stage: Stage, key: Key): Promise<string | undefined> {
  return (await stage.record("payments", key))?.["status"]?.S;
}
