// The situations of docs/http.md, each as a client meets it.
import type { Stage } from "./stage.ts";

const day = 86_400_000;
/** A lease, and what others leave it for clocks that differ. */
const lease = 31_001;

const json = "-H 'content-type: application/json'";

function post(path: string, key: string, amount = 5): string {
  return `curl -si $API${path} -H 'Idempotency-Key: ${key}' \\\n    ${json} -d '{"amount":${amount}}'`;
}

async function replays({ part, run, say, pass }: Stage): Promise<void> {
  part("first");
  await run(post("/payments", "k-1"));
  part("replay");
  await run(post("/payments", "k-1"));
  part("quoted");
  await run(post("/payments", '"k-1"'));
  part("spelled");
  await run(`curl -si $API/payments -H 'Idempotency-Key: k-1' \\\n    ${json} -d '{ "amount": 5.0 }'`);
  part("reused");
  await run(post("/payments", "k-1", 6));
  part("caller");
  await run(`${post("/payments", "k-1")} -H 'Authorization: Bearer customer-8'`);
  part("route");
  await run(post("/payments/pay_1/capture", "k-1"));
  await run(post("/payments/pay_2/capture", "k-1"));
  part("expired");
  say("24 hours later");
  pass(day + 1000);
  await run(post("/payments", "k-1"));
}

async function refused({ part, run, sayLogged }: Stage): Promise<void> {
  part("missing");
  await run(`curl -si $API/payments ${json} -d '{"amount":5}'`);
  part("malformed");
  await run(post("/payments", "two words"));
  part("repeated");
  await run(`${post("/payments", "k-1")} -H 'Idempotency-Key: k-2'`);
  part("format");
  await run(post("/refunds", "k-1"));
  part("large");
  await run(`curl -si $API/notes -H 'Idempotency-Key: k-1' ${json} \\\n    -d "{\\"text\\":\\"$(printf %0100d 0)\\"}"`);
  part("base64");
  const event = {
    version: "2.0",
    requestContext: { http: { method: "POST" } },
    headers: { "idempotency-key": "k-1" },
    body: "%%%",
    isBase64Encoded: true,
  };
  await run(`curl -s $API/2015-03-31/functions/payments/invocations -d '${JSON.stringify(event)}'`);
  part("unresolved");
  await run(post("/donations", "k-1"));
  sayLogged();
  part("preflight");
  const asks = "-H 'Access-Control-Request-Method: POST' \\\n    -H 'Access-Control-Request-Headers: content-type,idempotency-key'";
  await run(`curl -si -X OPTIONS $API/checkout -H 'Origin: https://shop.example.com' \\\n    ${asks}`);
  part("cors");
  await run(`curl -si $API/checkout ${json} -d '{"amount":5}' \\\n    -H 'Origin: https://shop.example.com'`);
  part("form");
  const form = "curl -si $API/documents -H 'Idempotency-Key: k-1' -H 'Expect:' -F title=contract";
  await run(form);
  await run(form);
}

async function away({ part, run, loseTable }: Stage): Promise<void> {
  await loseTable();
  part("away");
  await run(post("/payments", "k-1"));
  part("bypassed");
  await run(post("/newsletters", "k-1"));
}

async function atOnce({ bank, part, run, start, say }: Stage): Promise<void> {
  part("running");
  const stopped = bank.stopNext();
  const first = await start(post("/payments", "k-1"));
  await stopped.reached;
  await run(post("/payments", "k-1"));
  part("running-reused");
  say("the first one, with 5, still runs");
  await run(post("/payments", "k-1", 6));
  part("ended");
  say("the first one ends");
  stopped.open();
  await first.end();
  await run(post("/payments", "k-1"));
}

async function waits({ bank, part, start, say }: Stage): Promise<void> {
  part("waits");
  const stopped = bank.stopNext();
  const first = await start(post("/subscriptions", "k-1"));
  await stopped.reached;
  const second = await start(post("/subscriptions", "k-1"));
  stopped.open();
  say("the first one");
  await first.end();
  say("the second one, which has waited for it");
  await second.end();
}

async function superseded({ bank, part, run, start, say, pass }: Stage): Promise<void> {
  part("superseded");
  const [slow, next] = [bank.stopNext(), bank.stopNext()];
  const first = await start(post("/payments", "k-1"));
  await slow.reached;
  say("31 seconds later the first one has not ended, and its lease has");
  pass(lease);
  const second = await start(post("/payments", "k-1"));
  await next.reached;
  say("now the first one ends");
  slow.open();
  await first.end();
  say("and the second one");
  next.open();
  await second.end();
  part("stale");
  const late = bank.stopNext();
  const third = await start(post("/payments", "k-2"));
  await late.reached;
  say("31 seconds later");
  pass(lease);
  await run(post("/payments", "k-2"));
  say("now the first one of these two ends");
  late.open();
  await third.end();
}

async function lapsed({ bank, part, run, start, say, pass }: Stage): Promise<void> {
  part("lapsed");
  const stopped = bank.stopNext();
  const first = await start(post("/payouts", "k-1"));
  await stopped.reached;
  say('31 seconds later, with onLeaseExpired: "throw"');
  pass(lease);
  await run(post("/payouts", "k-1"));
  part("unshown");
  stopped.open();
  await first.end();
}

async function kept({ bank, part, run, say }: Stage): Promise<void> {
  part("declined");
  await run(post("/payments", "k-1", 5000));
  await run(post("/payments", "k-1", 5000));
  part("thrown");
  const broken = `curl -si $API/payments -H 'Idempotency-Key: k-6' \\\n    ${json} -d '{"amount":'`;
  await run(broken);
  await run(broken);
  part("released");
  bank.mood = "away";
  await run(post("/payments", "k-2"));
  bank.mood = "well";
  say("the bank is back");
  await run(post("/payments", "k-2"));
  part("busy");
  bank.mood = "busy";
  await run(post("/payments", "k-3"));
  part("held");
  bank.mood = "silent";
  await run(post("/transfers", "k-4"));
  await run(post("/transfers", "k-4"));
  part("unavailable");
  bank.mood = "well";
  await run(post("/tokens", "k-5"));
  await run(post("/tokens", "k-5"));
}

export const scenes: readonly ((stage: Stage) => Promise<void>)[] = [replays, refused, away, atOnce, waits, superseded, lapsed, kept];
