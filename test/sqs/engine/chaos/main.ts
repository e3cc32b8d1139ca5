// npm run chaos -- [--messages N] [--seed N] [--engine ministack|elasticmq] [--plant MISTAKE]
import { parseArgs } from "node:util";
import { startDynamodbLocal } from "../../../engines/dynamodb-local.ts";
import { sqsClientOf, sqsEngines } from "../../../support/queues.ts";
import { clientOf } from "../../../support/table.ts";
import { plants, play } from "./play.ts";
import { brokenIn, tableOf } from "./report.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    engine: { type: "string", default: "ministack" },
    plant: { type: "string" },
  },
});
console.error = () => {}; // each message that fails is logged, and here thousands do
// A mistyped plant would play an honest run, and hold.
const planted = plants.find((plant) => plant === values.plant);
if (values.plant !== undefined && planted === undefined)
  throw new Error(`there is no mistake "${values.plant}": give ${plants.join(", ")}`);
const [messages, seed] = [wholeNumber("messages"), wholeNumber("seed")];
const found = sqsEngines.find(({ name }) => name.toLowerCase() === values.engine);
if (found === undefined) throw new Error(`there is no engine "${values.engine}": give ministack or elasticmq`);
const [engine, dynamodbLocal] = await Promise.all([found.start(), startDynamodbLocal()]);
const sqs = sqsClientOf(engine.endpoint);
const dynamodb = clientOf(dynamodbLocal.endpoint, { requestHandler: { httpAgent: { keepAlive: true, maxSockets: 200 } } });
try {
  const played = await play({ seed, messages, sqs, dynamodb, ...(planted === undefined ? {} : { plant: planted }) });
  const broken = brokenIn(played);
  console.log(`${engine.name}, ${dynamodbLocal.name}\n${tableOf(played)}`);
  console.log(broken.length === 0 ? "All of it holds." : `\n✗ ${broken.slice(0, 20).join("\n✗ ")}\n${broken.length} things do not hold.`);
  process.exitCode = broken.length === 0 ? 0 : 1;
} finally {
  sqs.destroy();
  dynamodb.destroy();
  await Promise.all([engine.stop(), dynamodbLocal.stop()]);
}

function wholeNumber(name: "messages" | "seed"): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} is "${values[name]}": give a whole number from 1`);
  return number;
}
