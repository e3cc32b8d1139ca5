// npm run kills [-- --messages N --kills N --seed N]: random kills of a redrive on MiniStack.
import { parseArgs } from "node:util";
import { sqsClientOf, sqsEngines } from "../../support/queues.ts";
import { clientOf } from "../../support/table.ts";
import { playKills } from "./random.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "1000" },
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
  },
});
console.error = () => {}; // each message that fails is logged, and here half of them do
const [messages, kills, seed] = [Number(values.messages), Number(values.kills), Number(values.seed)];
const found = sqsEngines.find(({ name }) => name === "MiniStack");
if (found?.missing !== undefined) {
  console.log(`kills: ${found.missing}`);
  process.exitCode = 1;
} else if (found !== undefined) {
  const engine = await found.start();
  const sqs = sqsClientOf(engine.endpoint);
  const dynamodb = clientOf(engine.endpoint, { requestHandler: { httpAgent: { keepAlive: true, maxSockets: 200 } } });
  try {
    const onKill = (done: number) => done % 10 === 0 && console.log(`${done} kills`);
    const played = await playKills({ sqs, dynamodb, endpoint: engine.endpoint, messages, kills, seed, onKill });
    const { lost, doubled, remaining, ...counts } = played;
    console.log(
      `${messages} messages, ${counts.kills} kills, ${counts.runs} runs, ${counts.plans} plans: ${lost.length} lost, ${doubled.length} done twice, ${remaining} left`,
    );
    const isRight = lost.length === 0 && doubled.length === 0 && remaining === 0 && counts.kills === kills;
    if (!isRight) console.log("✗", lost.slice(0, 10), doubled.slice(0, 10));
    process.exitCode = isRight ? 0 : 1;
  } finally {
    sqs.destroy();
    dynamodb.destroy();
    await engine.stop();
  }
}
