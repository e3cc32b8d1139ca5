import { defined, IdempotencyError } from "../core/errors.ts";
import type { Replay } from "../core/options.ts";
import type { Keyed } from "./door.ts";
import { originalRequest } from "./asker.ts";
import type { ResolvedHttpOptions } from "./options.ts";
import { type HttpResponse, isResponse, render, withHeaders } from "./response.ts";
import { type Answer, replayedError } from "./stored.ts";

/** The answer from a record, for a client; a kept error is thrown. */
export function replayed(answer: Answer, { door, echo }: Keyed, state: "replayed" | "stale"): unknown {
  if (answer.kind === "storedError") throw replayedError(answer.error);
  if (answer.kind !== "stored") throw new Error("a record holds no fresh answer");
  const marks = { "idempotent-replayed": "true", "idempotency-status": state, "cache-control": "no-store" };
  return withHeaders(render(answer.read, door), door, { ...echo, ...marks, ...originalRequest(answer.first) });
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
  if (answer.kind !== "stored") return answer;
  const { response, isValue } = answer.read;
  let given: unknown = response;
  try {
    if (fromStored !== undefined) given = await fromStored(response, request);
  } catch (cause) {
    throw unavailable(call.id.keyHash, first, "fromStored", cause);
  }
  if (!isResponse(given)) throw unavailable(call.id.keyHash, first, "fromStored");
  if (onReplay !== undefined) given = await asIs(() => onReplay(given as HttpResponse, first));
  if (!isResponse(given)) throw unavailable(call.id.keyHash, first, "onReplay");
  return { kind: "stored", read: { response: given, isValue }, first };
}

async function asIs(hook: () => unknown): Promise<unknown> {
  try {
    return await hook();
  } catch (error) {
    throw new Thrown(error);
  }
}

function unavailable(keyHash: string, { requestId }: Replay, hook: string, cause?: unknown): IdempotencyError {
  return new IdempotencyError("RESULT_UNAVAILABLE", `${hook} gave no answer`, { keyHash, path: hook, ...defined({ requestId, cause }) });
}
