// One invocation of a function: how it ends, also where its environment is killed or its answer lost.
import type { Context, SQSEvent } from "aws-lambda";
import { contextOf } from "./event.ts";
import { type Malformed, type Verdict, verdictOf } from "./verdict.ts";

/** How a batch fails as a whole. */
export type Ending = Malformed | "threw" | "timed out" | "killed" | "answer lost";

/** An invocation, as a test may look at it and interfere with it. */
export interface Invocation {
  readonly event: SQSEvent;
  readonly context: Context;
  /**
   * Aborted once the environment is gone, by `kill` or by the function's timeout. The handler's code goes on here, where on AWS it
   * would stop: what a test hands to it should do nothing any more.
   */
  readonly gone: AbortSignal;
  /** Kills the environment, now or later: nothing of the batch is deleted, and whatever the handler answers is ignored. */
  kill(): void;
  /** The handler runs to its end and its answer is ignored: nothing of the batch is deleted. */
  loseAnswer(): void;
}

export interface InvokeOptions {
  readonly handler: (event: SQSEvent, context: Context) => unknown;
  readonly functionTimeoutMs: number;
  readonly onInvocation?: (invocation: Invocation) => void;
}

/** Invokes the handler; answers which records failed, or how the whole batch did. */
export async function invoke(event: SQSEvent, options: InvokeOptions): Promise<Extract<Verdict, { failed: unknown }> | Ending> {
  const { handler, functionTimeoutMs, onInvocation } = options;
  const context = contextOf(Date.now() + functionTimeoutMs);
  const environment = new AbortController();
  const end = Promise.withResolvers<Ending>();
  let lost = false;
  const goneBy = (ending: Ending) => (): void => {
    environment.abort();
    end.resolve(ending);
  };
  const timer = setTimeout(goneBy("timed out"), functionTimeoutMs);
  onInvocation?.({ event, context, gone: environment.signal, kill: goneBy("killed"), loseAnswer: () => (lost = true) });
  const ran = environment.signal.aborted ? end.promise : answerOf(handler, event, context);
  const ending = await Promise.race([end.promise, ran]);
  clearTimeout(timer);
  return typeof ending === "object" && lost ? "answer lost" : ending;
}

async function answerOf(
  handler: InvokeOptions["handler"],
  event: SQSEvent,
  context: Context,
): Promise<Extract<Verdict, { failed: unknown }> | Ending> {
  let answer: unknown;
  try {
    answer = await handler(event, context);
  } catch {
    return "threw";
  }
  const verdict = verdictOf(
    event.Records.map(({ messageId }) => messageId),
    answer,
  );
  return "wholeBatch" in verdict ? verdict.wholeBatch : verdict;
}
