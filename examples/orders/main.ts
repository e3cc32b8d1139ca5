// npm run example:orders: an API whose orders go to a queue, and the queue's consumer, run on a local engine with what goes wrong
// on AWS. The functions are api.ts and consumer.ts, as they would be deployed; what plays AWS is in local/.
import Table from "cli-table3";
import { findMinistack, startMinistack } from "../../test/engines/ministack.ts";
import { ordered, play, type Played } from "./local/play.ts";

const expected = ordered.reduce((sum, { quantity }) => sum + quantity, 0);
const found = findMinistack();
if ("missing" in found) {
  console.error(`example:orders: ${found.missing}`);
  process.exitCode = 1;
} else {
  const engine = await startMinistack();
  try {
    const played = await play(engine);
    console.log(shown(played));
    const isRight = played.sold === expected;
    console.log(
      isRight ? `✓ ${expected} mugs ordered, ${expected} sold: each order once.` : `✗ ${expected} mugs ordered, ${played.sold} sold`,
    );
    process.exitCode = isRight ? 0 : 1;
  } finally {
    await engine.stop();
  }
}

function shown({ steps, deliveries, messagesLeft, deadLetters, completed, sold }: Played): string {
  const plain = { style: { head: [], border: [] } };
  const api = new Table({ head: ["at the API", "answers", "messages in the queue"], ...plain });
  api.push(...steps.map(({ what, answers, messages }) => [what, answers.join("\n"), messages]));
  const after = new Table({ head: ["at the consumer, each message delivered twice", "count"], ...plain });
  after.push(
    ["deliveries of messages", deliveries],
    ...Object.entries(completed).map(([operation, count]) => [`completed records of "${operation}"`, count]),
    ["messages left in the queue", messagesLeft],
    ["messages in its dead-letter queue", deadLetters],
    ["mugs sold, as the stock table says", sold],
  );
  return `${api.toString()}\n${after.toString()}`;
}
