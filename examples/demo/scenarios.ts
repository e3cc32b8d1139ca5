import assert from "node:assert/strict";
import { checkoutCompleted, orderPaid, orders, payment, redelivered } from "./events.ts";
import type { Tally } from "./shop.ts";
import type { Stage } from "./stage.ts";

/** A way in which the same work is delivered more than once. */
export interface Scenario {
  readonly name: string;
  readonly story: string;
  readonly expected: Counts;
  /** @throws AssertionError where somebody gets another answer than they should. */
  play(stage: Stage): Promise<void>;
}

/** What came of a scenario; an effect that is not named is expected not to happen. */
export interface Counts {
  readonly deliveries: number;
  readonly runs: number;
  readonly replays: number;
  readonly refusals: number;
  readonly effects: Partial<Tally>;
}

export const scenarios: readonly Scenario[] = [
  {
    name: "Double click",
    story: "The second click waits for the first one's answer.",
    expected: { deliveries: 2, runs: 1, replays: 1, refusals: 0, effects: { charges: 1, emails: 1 } },
    async play({ pay, atOnce }) {
      const [first, second] = await atOnce(2, () => pay(payment("double-click")));
      assert.equal(first?.statusCode, 201, "the payment was not taken");
      assert.deepEqual(second, first, "the second click got another answer");
    },
  },
  {
    name: "Client retry after a timeout",
    story: "The client hangs up after 3 s, the handler ends after 5 s. The retry gets that answer.",
    expected: { deliveries: 2, runs: 1, replays: 1, refusals: 0, effects: { charges: 1, emails: 1 } },
    async play({ pay, shop, clock }) {
      shop.line.reply = (call) => (call.startsWith("charge") ? clock.turn(5000) : undefined);
      const unheard = await pay(payment("client-retry"));
      const retry = await pay(payment("client-retry"));
      assert.equal(retry.statusCode, 201, "the payment was not taken");
      assert.deepEqual(retry, unheard, "the retry got another answer");
    },
  },
  {
    name: "Two simultaneous deliveries",
    story: "Stripe posts one event twice at once: one runs, one is told 409, and comes again.",
    expected: { deliveries: 3, runs: 1, replays: 1, refusals: 1, effects: { units: 1, emails: 1 } },
    async play({ fulfil, atOnce }) {
      const event = checkoutCompleted("evt_simultaneous");
      const answers = await atOnce(2, () => fulfil(event));
      const [ran, refused] = answers.toSorted((a, b) => a.statusCode - b.statusCode);
      const again = await fulfil(event);
      assert.equal(refused?.statusCode, 409, "neither was refused");
      assert.ok(Number(refused.headers["retry-after"]) > 0, "the refusal does not say when to come again");
      assert.deepEqual(again, ran, "the third delivery got another answer");
    },
  },
  {
    name: "Crash and takeover",
    story: "The first owner dies after its claim. After 3 s its lease still holds; after 60 s it is taken over.",
    expected: { deliveries: 3, runs: 2, replays: 0, refusals: 1, effects: { units: 1, emails: 1 } },
    async play({ fulfil, dies, clock, told }) {
      const event = checkoutCompleted("evt_crash");
      await dies("request", () => fulfil(event));
      clock.turn(3000);
      const early = await fulfil(event);
      clock.turn(57_000);
      const late = await fulfil(event);
      assert.deepEqual([early.statusCode, late.statusCode], [409, 200], "the answers are wrong");
      const takeover = told.find(({ type }) => type === "taken_over");
      assert.partialDeepStrictEqual(takeover, { from: "lapsed", attempt: 2 }, "nothing was taken over");
    },
  },
  {
    name: "Crash after an effect",
    story: "It dies between the provider's work and its record. The second run repeats it under the same derived key.",
    expected: { deliveries: 2, runs: 2, replays: 0, refusals: 0, effects: { points: 52, emails: 1 } },
    async play({ thank, dies, clock }) {
      const event = orderPaid("c0a7d1b2-5e3f-4a68-9b10-2d4c6e8f0a11");
      await dies("reply", () => thank(event));
      clock.turn(60_000);
      await thank(event);
    },
  },
  {
    name: "Changed payload, same key",
    story: "52.00 are paid. The same key with 520.00 is KEY_REUSED: 422, and nothing runs.",
    expected: { deliveries: 2, runs: 1, replays: 0, refusals: 1, effects: { charges: 1, emails: 1 } },
    async play({ pay }) {
      await pay(payment("changed-payload", 5200));
      const refused = await pay(payment("changed-payload", 52_000));
      assert.equal(refused.statusCode, 422, "the second amount was not refused");
      assert.match(refused.body, /"KEY_REUSED"/, "the refusal has another code");
    },
  },
  {
    name: "47 clicks on one button",
    story: "All at once; one charges, 46 get its answer.",
    expected: { deliveries: 47, runs: 1, replays: 46, refusals: 0, effects: { charges: 1, emails: 1 } },
    async play({ pay, atOnce }) {
      const answers = await atOnce(47, () => pay(payment("impatience")));
      for (const answer of answers) assert.deepEqual(answer, answers[0], "two clicks got different answers");
    },
  },
  {
    name: "SQS batch",
    story: "Of three messages the third fails and comes back; the first is delivered a second time beside it.",
    expected: { deliveries: 5, runs: 4, replays: 1, refusals: 0, effects: { units: 4 } },
    async play({ reserve, shop }) {
      shop.line.request = (call) => (call === "take shade" ? Promise.reject(new Error("no shades before noon")) : undefined);
      const { batchItemFailures } = await reserve(orders(1, 2, 3));
      const third = orders(3).Records.map(({ messageId }) => ({ itemIdentifier: messageId }));
      assert.deepEqual(batchItemFailures, third, "other messages come back than the third");
      shop.line = {};
      const second = await reserve(redelivered(orders(1, 3)));
      assert.deepEqual(second, { batchItemFailures: [] }, "the second batch is not done");
    },
  },
  {
    name: "EventBridge event twice",
    story: "At least once is what EventBridge promises. The second delivery changes nothing.",
    expected: { deliveries: 2, runs: 1, replays: 1, refusals: 0, effects: { points: 52, emails: 1 } },
    async play({ thank }) {
      await thank(orderPaid("17793124-05d4-b198-2fde-7ededc63b103"));
      await thank(orderPaid("17793124-05d4-b198-2fde-7ededc63b103"));
    },
  },
];
