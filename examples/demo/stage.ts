// What a scenario plays on: the shop, its functions, the clock, and the ways in which deliveries go wrong.
import type { IdempotencyEvent, Store } from "lambda-once";
import type { DemoClock } from "./clock.ts";
import { lambdaContext } from "./context.ts";
import { type Functions, type Handler, openFunctions } from "./handlers.ts";
import { openShop, type Shop } from "./shop.ts";

type Deliverers = { readonly [Name in keyof Functions]: (event: Parameters<Functions[Name]>[0]) => ReturnType<Functions[Name]> };

/** The functions, as what invokes them sees them: an event goes in, an answer comes out. */
export interface Stage extends Deliverers {
  readonly shop: Shop;
  readonly clock: DemoClock;
  /** What the library told, of all functions. */
  readonly told: readonly IdempotencyEvent[];
  /** Events, or messages of a batch, that came in so far. */
  readonly deliveries: () => number;
  /** Deliveries at the same moment: the one that runs is held at the shop until each other has met its claim. */
  atOnce<T>(count: number, deliver: () => Promise<T>): Promise<T[]>;
  /** A delivery whose process dies at its first word with the shop: before that is heard, or after it was done. */
  dies(when: "request" | "reply", deliver: () => Promise<unknown>): Promise<void>;
}

export function openStage(store: Store, clock: DemoClock): Stage {
  const shop = openShop();
  const told: IdempotencyEvent[] = [];
  const functions = openFunctions(shop, store, (event) => told.push(event));
  let deliveries = 0;

  function deliverer<E, R>(
    name: string,
    handler: Handler<E, R>,
    timeoutMs: number,
    sizeOf: (event: E) => number = () => 1,
  ): (event: E) => Promise<R> {
    return (event) => {
      deliveries += sizeOf(event);
      return handler(event, lambdaContext(name, timeoutMs, clock));
    };
  }

  return {
    shop,
    clock,
    told,
    deliveries: () => deliveries,
    pay: deliverer("pay", functions.pay, 29_000),
    fulfil: deliverer("fulfil", functions.fulfil, 15_000),
    reserve: deliverer("reserve", functions.reserve, 30_000, ({ Records }) => Records.length),
    thank: deliverer("thank", functions.thank, 10_000),
    async atOnce(count, deliver) {
      const met = meeting(count);
      shop.line = { request: met.join };
      // The others are answered, or they sleep until the first answer is there.
      const answers = Array.from({ length: count }, () => deliver().finally(() => void met.join()));
      clock.meanwhile(() => Promise.all([met.join(), Promise.race(answers)]));
      return Promise.all(answers);
    },
    async dies(when, deliver) {
      await new Promise<void>((died, failed) => {
        shop.line = { [when]: () => new Promise(() => died()) };
        deliver().catch(failed);
      });
      shop.line = {};
    },
  };
}

/** Whoever joins goes on once `count` have joined. */
function meeting(count: number): { join(): Promise<void> } {
  const { promise: complete, resolve } = Promise.withResolvers<void>();
  let joined = 0;
  return {
    join() {
      joined++;
      if (joined === count) resolve();
      return complete;
    },
  };
}
