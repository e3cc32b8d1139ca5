// Whether a plan still fits its queue, before anything moves.
import type { Message } from "@aws-sdk/client-sqs";
import { inFlight } from "./journal.ts";
import { identityOf, type Letter } from "./letters.ts";
import { peek } from "./peek.ts";
import { refused } from "./plan-file.ts";
import { type Run, stopIfAborted } from "./run.ts";

/**
 * Answers which messages are there; throws `Stopped` where it is told to stop. `done`: the ones that need not be.
 *
 * @throws IdempotencyError `CONFIG_INVALID` where it does not fit.
 */
export async function checkFit(
  run: Run,
  done: ReadonlySet<string>,
  checkLetter: (letter: Letter) => Promise<void> = async () => {},
): Promise<ReadonlySet<string>> {
  const { plan, planned, queue, reader, lock, journal } = run;

  function checkIdentity(letter: Letter): void {
    const entry = planned.get(letter.messageId);
    if (entry === undefined || done.has(letter.messageId)) return;
    const now = identityOf(letter);
    for (const name of ["keyHash", "keyFrom", "sourceQueueArn"] as const)
      if (now[name] !== entry[name])
        throw refused(
          "plan",
          `message ${letter.messageId} has another ${name} than in the plan: give the key, and the queues, that it was made with`,
        );
  }

  const wanted = [...planned.keys()].filter((id) => !done.has(id));
  async function look(messages: readonly Message[]): Promise<void> {
    const letters = messages.map((message) => reader.read(message));
    letters.forEach(checkIdentity);
    await Promise.all(letters.map(checkLetter));
    stopIfAborted(run);
    await lock.keep();
  }

  await queue.makeVisible(inFlight(journal));
  const { messageIds, elsewhere } = await peek(
    queue,
    Number.POSITIVE_INFINITY,
    look,
    (seen) => !plan.complete && wanted.every((id) => seen.has(id)),
  );
  const missing = wanted.filter((id) => !messageIds.has(id));
  if (missing.length > 0 && elsewhere > 0)
    throw refused(
      "plan",
      `${missing.length} planned messages are not to be had, and ${elsewhere} are in flight: wait until whoever looks at them is done, at most 10 minutes after a run that was killed, and run it again`,
    );
  if (missing.length > 0)
    throw refused(
      "plan",
      `${missing.length} planned messages are not in the dead-letter queue any more, such as ${missing[0]}: make a new plan`,
    );
  const unplanned = [...messageIds].filter((id) => !planned.has(id));
  if (unplanned.length > 0 && plan.complete)
    throw refused(
      "plan",
      `${unplanned.length} messages of the dead-letter queue are not in the plan, such as ${unplanned[0]}: make a new plan`,
    );
  return messageIds;
}
