import type { Clock } from "../../core/clock.ts";
import { signalAt } from "../../core/lease.ts";
import { nameOf, type RecordId } from "../../core/record.ts";
import type { Answer, ClaimRef, ClaimRequest, Store } from "../../core/store.ts";
import { newLifetime } from "../lifetime.ts";
import type { Crash, CrashCall } from "./schedule.ts";
import type { Move, World } from "./world.ts";

/** What an environment has between its handler and the store: each request and each sleep waits at it. */
export interface Gate {
  readonly store: Store;
  /** Does anything wait at it? */
  isWaiting(): boolean;
  /** When the first signal aborts of the claims under which work is, or may be, under way. Epoch milliseconds. */
  workingUntil(): number;
  /** A delivery begins: requests count from 1 again, none has been made, and it dies at that point. */
  open(event: number, crash: Crash | undefined): void;
  /** Is there a claim whose end no record tells of? */
  isClaimOpen(): boolean;
  /** Requests of the delivery so far. */
  calls(): Readonly<Record<CrashCall, number>>;
  /** How far the delivery has come, for people. */
  stand(): string;
  /** How it died, and whether work was done, or begun, that no record tells of. */
  death(): { readonly how: string; readonly mayRepeat: boolean } | undefined;
}

/**
 * The gate of an environment. `died` is called when a crash has struck. What a dead environment waits for never comes, and is
 * never rejected either: nobody would handle what the handler has begun and not awaited yet.
 */
export function gateOf(world: World, environment: { name: string; place: number }, died: () => void): Gate {
  const { name, place } = environment;
  const { store: shared, clock, moves, log } = world;
  const lifetime = newLifetime(clock);
  const waiting = new Set<Move>();
  const working = new Map<string, number>(); // by record: when the signal of its claim aborts
  let event: number | undefined;
  let crash: Crash | undefined;
  let calls: Record<CrashCall, number> = { claim: 0, settle: 0 };
  let stand = "";
  let death: ReturnType<Gate["death"]>;

  function atGate<T>(go: () => Promise<T>, wakeAt?: number): Promise<T> {
    return new Promise((resolve, reject) => {
      if (death !== undefined) return;
      const move: Move = {
        place,
        wakeAt,
        go() {
          leave(move);
          lifetime.await(go).then(resolve, reject);
        },
      };
      waiting.add(move);
      moves.add(move);
      world.stir();
    });
  }

  function leave(move: Move): void {
    waiting.delete(move);
    moves.delete(move);
  }

  function decide(call: CrashCall, id: RecordId, request: () => Promise<Answer>): Promise<Answer> {
    const nth = ++calls[call];
    const strikes = crash?.call === call && crash.nth === nth ? crash.when : undefined;
    return atGate(async () => {
      if (strikes === "before") return die(`before its ${call} ${nth} reached the store`);
      const answer = await request();
      const how = answer.applied ? "applied" : "refused";
      log.push({ environment: name, event, call, id, how });
      if (strikes === "after") return die(`after its ${call} ${nth} was ${how}, before it heard of that`);
      stand = `after its ${call} ${nth} was ${how}`;
      return answer;
    });
  }

  // What it answers goes nowhere.
  function die(how: string): Answer {
    lifetime.die();
    for (const move of waiting) leave(move);
    death = { how, mayRepeat: working.size > 0 };
    died();
    return { applied: false };
  }

  async function claim(request: ClaimRequest, send: () => Promise<Answer>): Promise<Answer> {
    const answer = await decide("claim", request.id, send);
    // Nothing works under a claim before it is heard of.
    if (answer.applied) working.set(nameOf(request.id), signalAt(request.leaseUntil, request.leaseUntil - request.startedAt));
    return answer;
  }

  function settle(claim: ClaimRef, send: () => Promise<Answer>): Promise<Answer> {
    return decide("settle", claim.id, async () => {
      const answer = await send();
      if (answer.applied) working.delete(nameOf(claim.id));
      return answer;
    });
  }

  async function extend(claim: ClaimRef, leaseUntil: number): Promise<Answer> {
    const answer = await atGate(() => shared.extend(claim, leaseUntil));
    if (answer.applied) working.set(nameOf(claim.id), signalAt(leaseUntil, leaseUntil - clock.now()));
    return answer;
  }

  // A sleep with `cancel` is a time limit: it does not turn the clock.
  const own: Clock = {
    ...lifetime.clock,
    sleep: (ms, cancel) => (cancel === undefined ? atGate(async () => {}, clock.now() + ms) : lifetime.clock.sleep(ms, cancel)),
  };
  return {
    // The arguments are handed on as they are: a store may go on from what it has begun for the same object.
    store: {
      clock: own,
      claim: (request) => claim(request, () => shared.claim(request)),
      takeOver: (seen, request) => claim(request, () => shared.takeOver(seen, request)),
      settle: (claim, outcome) => settle(claim, () => shared.settle(claim, outcome)),
      extend,
      read: (id) => atGate(() => shared.read(id)),
      result: (record) => atGate(() => shared.result(record)),
      release: (seen) => atGate(() => shared.release(seen)),
    },
    isWaiting: () => waiting.size > 0,
    workingUntil: () => Math.min(...working.values()),
    isClaimOpen: () => working.size > 0,
    open(of, at) {
      event = of;
      crash = at;
      calls = { claim: 0, settle: 0 };
      stand = "before its first claim was decided";
      working.clear();
    },
    calls: () => calls,
    stand: () => stand,
    death: () => death,
  };
}
