import { begin } from "../core/begin.ts";
import type { Call } from "../core/call.ts";
import type { Runnable } from "../core/delivery.ts";
import { describeError, IdempotencyError } from "../core/errors.ts";
import type { Running } from "../core/execution.ts";
import type { ErrorPolicy } from "../core/options.ts";
import { refusal } from "../core/refusals.ts";
import { replay, type ReplayPolicy } from "../core/replay.ts";
import { insideOf, settleError, settleResult } from "../core/run.ts";
import { isEarlyTimeout, isOutOfTime } from "../lambda/timeout.ts";
import { contextLeftMs } from "../lambda/context.ts";
import type { Keyed } from "./entrance.ts";
import { withMarks } from "./marks.ts";
import type { ResolvedHttpOptions } from "./options.ts";
import type { IdempotencyStatus } from "./problem.ts";
import { problemOf } from "./refuse.ts";
import { rebuild, replayed, Thrown } from "./replayed.ts";
import { isStatus, readResult, readStatus } from "./response.ts";
import { type Answer, answerCodec } from "./stored.ts";

/** A run between its claim and its answer. One of the four ends it, once. */
export interface HttpRun {
  /** What the handler is to run inside of. */
  readonly inside: Running;
  /** With the handler's result; resolves with the answer for the client. */
  answered(result: unknown): Promise<unknown>;
  /** With a result that its client does not get, and no serializer either: something behind the handler threw. */
  unheard(result: unknown): Promise<unknown>;
  /** With its error; resolves with an answer only where the client gets another one than the error. */
  threw(error: unknown): Promise<{ readonly answer: unknown } | undefined>;
  /** With its error and what an error handler has made of it; resolves with the answer for the client. */
  handled(error: unknown, result: unknown): Promise<unknown>;
}

export type Started = { readonly kind: "run"; readonly run: HttpRun } | { readonly kind: "answered"; readonly answer: unknown };

/** What becomes of a run's record, as its own events tell. */
interface Fate {
  state?: "unsaved" | "stale";
}

/** Claims the key of what has been entered, or answers for its record. */
export function starter(options: ResolvedHttpOptions): (keyed: Keyed) => Promise<Started> {
  const codec = answerCodec(options);

  return async (keyed) => {
    const fate: Fate = {};
    const call = watched(keyed.call, fate);
    const answers: ReplayPolicy<Answer> = { codec, onReplay: (answer, first) => rebuild(options, keyed, answer, first) };
    try {
      const begun = await begin(call);
      if (begun.kind === "run" || begun.kind === "unclaimed")
        return { kind: "run", run: runOf(options, keyed, call, fate, answers, begun) };
      if (begun.kind !== "replay") throw refusal(call, begun);
      return { kind: "answered", answer: replayed(await replay(call, answers, begun.record), keyed, "replayed") };
    } catch (error) {
      return { kind: "answered", answer: refused(error, options, keyed) };
    }
  };
}

function runOf(
  options: ResolvedHttpOptions,
  keyed: Keyed,
  call: Call,
  fate: Fate,
  answers: ReplayPolicy<Answer>,
  begun: Runnable,
): HttpRun {
  const { frontDoor, context, echo } = keyed;
  const { policyOf } = options;
  const leftMs = contextLeftMs(context); // when it begins: it may have waited

  /** Completes the run; resolves with another run's answer where that has taken its place. */
  async function complete(answer: Answer): Promise<{ readonly answer: unknown } | undefined> {
    try {
      const settled = await settleResult(call, answers, begun, answer);
      return settled === answer ? undefined : { answer: replayed(settled, keyed, "stale") };
    } catch (error) {
      return { answer: refused(error, options, keyed) };
    }
  }

  // Freed while its handler may still run, the key would let a second one run beside it.
  async function fail(policy: ErrorPolicy, error: unknown): Promise<IdempotencyStatus> {
    if (isEarlyTimeout(error) || (policy === "release" && isOutOfTime(context, leftMs))) {
      if (begun.kind === "run") begun.claim.abandon();
      return "unsaved";
    }
    await settleError(call, policy, begun, error);
    return policy === "hold" ? "uncertain" : "released";
  }

  function marked(result: unknown, state: IdempotencyStatus): unknown {
    return withMarks(result, frontDoor, { ...echo, "idempotency-status": begun.kind === "unclaimed" ? "bypassed" : (fate.state ?? state) });
  }

  async function end(result: unknown, error?: unknown, read = readResult(result, frontDoor)): Promise<unknown> {
    const status = read?.response.status ?? readStatus(result, frontDoor);
    // What nobody can read has had its effect all the same.
    const policy = status === undefined ? "keep" : policyOf(statusOf(error) ?? status);
    if (policy !== "keep" || isEarlyTimeout(error)) return marked(result, await fail(policy, error ?? { name: `Http${status}` }));
    const other = await complete({ kind: "fresh", result, read });
    return other === undefined ? marked(result, "created") : other.answer;
  }

  async function threw(error: unknown): Promise<{ readonly answer: unknown } | undefined> {
    const policy = policyOf(statusOf(error));
    if (policy === "keep" && !isEarlyTimeout(error)) return complete({ kind: "thrown", error });
    await fail(policy, error);
    return undefined;
  }

  return {
    inside: insideOf(call, begun),
    answered: (result) => end(result),
    unheard(result) {
      const read = readResult(result, frontDoor);
      return end(result, undefined, read && { ...read, form: "text" });
    },
    threw,
    handled: (error, result) => end(result, error),
  };
}

function watched(call: Call, fate: Fate): Call {
  return {
    ...call,
    report(event) {
      if (event.type === "lease_lost") fate.state = "stale";
      if (event.type === "store_error" && event.during === "settle") fate.state = "unsaved";
      call.report(event);
    },
  };
}

function statusOf(error: unknown): number | undefined {
  const { statusCode } = describeError(error);
  return isStatus(statusCode) ? statusCode : undefined;
}

function refused(error: unknown, options: ResolvedHttpOptions, keyed: Keyed): unknown {
  if (error instanceof Thrown) throw error.thrown;
  if (error instanceof IdempotencyError) return problemOf(error, options, keyed);
  throw error; // a kept error, which is thrown again
}
