import { fail } from "../../core/check.ts";
import { IdempotencyError, messageOf } from "../../core/errors.ts";
import type { Store } from "../../core/store.ts";
import { gateOf } from "./gate.ts";
import { lambdaContext } from "./lambda-context.ts";
import { answerOf, errorOf, type Ended } from "./ended.ts";
import type { CallCounts, Crash } from "./schedule.ts";
import type { World } from "./world.ts";

/** A Lambda handler of the promise form. */
export type Handler = (event: never, context: never) => unknown;

/** Makes a handler as a cold start does: called for each environment. */
export type MakeHandler = (o: { readonly store: Store }) => Handler;

/** What is to be delivered. */
export interface Parcel {
  /** Of all deliveries ever made, from 1: a request id is used once. */
  readonly nth: number;
  readonly event: number;
  readonly payload: unknown;
  readonly crash: Crash | undefined;
}

/** A delivery that has ended. */
export interface Delivered {
  readonly event: number;
  readonly environment: string;
  readonly ended: Ended;
  /** It died with work done, or begun, that no record tells of. */
  readonly mayRepeat: boolean;
  readonly calls: CallCounts;
  /** It ended before a claim of its own was settled. */
  readonly leftOpen: boolean;
}

/** A Lambda environment: one cold start, then one delivery at a time. */
export interface Environment {
  /** Nobody hears from it again. */
  isDead(): boolean;
  deliver(parcel: Parcel): void;
  /** Has it a delivery that has not ended? */
  isUnderWay(): boolean;
  /** The last delivery, once it has ended. */
  delivered(): Delivered | undefined;
  /** Is its delivery under way, and waits at no gate? */
  isWorking(): boolean;
  /** How far its delivery has come, for people. */
  stand(): string;
  /** Until when the clock may be turned while it works, epoch milliseconds: in time for its leases and its deadline. */
  clockLimit(): number;
}

/** Lambda's default, 3 s, is less than what many handlers want to have left. Milliseconds. */
const invocationMs = 30_000;
/** What a handler has left at the least, when the clock is turned for others. Milliseconds. */
const leftMarginMs = 1000;

/** A cold start. `place` is its number among the environments. */
export function startEnvironment(world: World, makeHandler: MakeHandler, place: number): Environment {
  const { clock } = world;
  const name = nameAt(place);
  let parcel: Parcel | undefined;
  let ended: Ended | undefined;
  let leftOpen = false;
  let deadline = Number.POSITIVE_INFINITY;
  const gate = gateOf(world, { name, place }, () => end({ kind: "died", text: gate.death()?.how ?? "" }));
  const handler = made(makeHandler, gate.store) as (event: unknown, context: unknown) => unknown;
  const isUnderWay = (): boolean => parcel !== undefined && ended === undefined;

  function end(how: Ended): void {
    if (ended !== undefined) return;
    ended = how;
    leftOpen = gate.isClaimOpen();
    world.stir();
  }

  return {
    isDead: () => gate.death() !== undefined,
    isUnderWay,
    isWorking: () => isUnderWay() && !gate.isWaiting(),
    stand: () => `events[${parcel?.event}] stood ${gate.stand()}`,
    clockLimit: () => Math.min(deadline - leftMarginMs, gate.workingUntil()),
    delivered() {
      if (parcel === undefined || ended === undefined) return undefined;
      const mayRepeat = gate.death()?.mayRepeat === true;
      return { event: parcel.event, environment: name, ended, mayRepeat, calls: gate.calls(), leftOpen };
    },
    deliver(next) {
      parcel = next;
      ended = undefined;
      const ends = (deadline = clock.now() + invocationMs);
      gate.open(next.event, next.crash);
      const context = lambdaContext({ nth: next.nth, environment: place, leftMs: () => Math.max(0, ends - clock.now()) });
      Promise.resolve()
        .then(() => handler(next.payload, context))
        .then(
          (value) => end(answerOf(value, next.payload)),
          (error: unknown) => end(errorOf(error)),
        );
    },
  };
}

function made(makeHandler: MakeHandler, store: Store): Handler {
  let handler: unknown;
  try {
    handler = makeHandler({ store });
  } catch (cause) {
    throw new IdempotencyError("CONFIG_INVALID", `makeHandler threw: ${messageOf(cause)}`, { path: "makeHandler", cause });
  }
  if (typeof handler !== "function")
    throw fail("makeHandler()", handler, "let it return the handler itself, a function and no promise of one");
  if (handler.length > 2) {
    const message = `makeHandler() is a handler of ${handler.length} parameters, and a callback or a response stream is not given`;
    const wayOut = "let it take event and context, and answer with a promise";
    throw new IdempotencyError("CONFIG_INVALID", `${message}: ${wayOut}`, { path: "makeHandler()" });
  }
  return handler as Handler;
}

// A to Z, then A1 to Z1, and so on.
function nameAt(place: number): string {
  const letter = String.fromCodePoint(65 + (place % 26));
  return place < 26 ? letter : `${letter}${Math.floor(place / 26)}`;
}
