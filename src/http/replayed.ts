import { defined, IdempotencyError } from "../core/errors.ts";
import type { Replay } from "../core/options.ts";
import type { Keyed } from "./entrance.ts";
import { originalRequest, withMarks } from "./marks.ts";
import type { ResolvedHttpOptions } from "./options.ts";
import { render } from "./render.ts";
import { copied, type HttpResponse, isResponse, rewritten } from "./response.ts";
import { type Answer, replayedError } from "./stored.ts";

/** The answer from a record, for a client; a kept error is thrown. */
export function replayed(answer: Answer, { frontDoor, echo }: Keyed, state: "replayed" | "stale"): unknown {
  if (answer.kind !== "stored" && answer.kind !== "storedError") throw new Error("a record holds no fresh answer");
  const said = { "idempotent-replayed": "true", "idempotency-status": state, "cache-control": "no-store" };
  const marks = { ...echo, ...said, ...originalRequest(answer.first) };
  if (answer.kind === "storedError") throw replayedError(answer.error, marks);
  return withMarks(render(answer.read, frontDoor), frontDoor, marks);
}

/** What a user's function has thrown, whatever it is: it is no refusal of ours. */
export class Thrown extends Error {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super();
    this.thrown = thrown;
  }
}

/**
 * A kept answer, as the hooks make it.
 *
 * @throws IdempotencyError `RESULT_UNAVAILABLE` where one gives no answer or `fromStored` throws; `Thrown` with what `onReplay` throws.
 */
export async function rebuild(
  { fromStored, onReplay }: ResolvedHttpOptions,
  { call, request }: Keyed,
  answer: Answer,
  first: Replay,
): Promise<Answer> {
  if (answer.kind === "storedError") return { ...answer, first };
  if (answer.kind !== "stored") return answer;
  const unavailable = (hook: string, cause?: unknown): IdempotencyError => {
    const details = { keyHash: call.id.keyHash, path: hook, ...defined({ requestId: first.requestId, cause }) };
    return new IdempotencyError("RESULT_UNAVAILABLE", `${hook} gave no answer`, details);
  };
  let { response } = answer.read;
  if (fromStored !== undefined) {
    const given = await asked(
      () => fromStored(copied(response), request),
      (cause) => unavailable("fromStored", cause),
    );
    response = checked(given, () => unavailable("fromStored"));
  }
  if (onReplay !== undefined) {
    const given = await asked(
      () => onReplay(copied(response), first),
      (thrown) => new Thrown(thrown),
    );
    response = checked(given, () => unavailable("onReplay"));
  }
  return { kind: "stored", read: rewritten(answer.read, response), first };
}

function checked(given: unknown, refusal: () => Error): HttpResponse {
  try {
    if (isResponse(given)) return given;
  } catch {
    // a getter that throws
  }
  throw refusal();
}

async function asked(hook: () => unknown, failure: (thrown: unknown) => Error): Promise<unknown> {
  try {
    return await hook();
  } catch (error) {
    throw failure(error);
  }
}
