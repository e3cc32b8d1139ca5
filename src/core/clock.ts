/** Time as a port, so that tests can turn it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /**
   * Resolves after `ms` milliseconds. With `cancel` it is a time limit of something else: it ends earlier, where the
   * clock can, once that aborts (it may then reject), and a clock that turns itself in a sleep must not turn for it.
   */
  sleep(ms: number, cancel?: AbortSignal): Promise<void>;
  /**
   * Calls `done` after `ms` milliseconds, unless what it answers with is called before. For time limits, which most calls
   * set and few meet: it costs less than a sleep that is cancelled. Where it is missing, `sleep` serves.
   */
  timer?(ms: number, done: () => void): () => void;
}

/** How long to sleep before try `attempt` (0, 1, …): full jitter over an exponential step, in milliseconds. */
export function backoffMs(attempt: number, random: () => number, baseMs: number, capMs: number): number {
  return Math.ceil(random() * Math.min(capMs, baseMs * 2 ** attempt));
}

/**
 * Calls `reached` at a moment (epoch milliseconds), which may move on meanwhile, unless what it answers with is called
 * before. A clock whose sleeps take no time never reaches it: they say nothing of how much has passed.
 */
export function atMoment(clock: Clock, moment: () => number, reached: () => void): () => void {
  if (clock.timer === undefined) return afterSleeps(clock, moment, reached);
  let cancel: (() => void) | undefined;
  function look(): void {
    const left = moment() - clock.now();
    if (left <= 0) reached();
    else cancel = clock.timer?.(left, look); // a timer may be a millisecond early
  }
  look();
  return () => cancel?.();
}

function afterSleeps(clock: Clock, moment: () => number, reached: () => void): () => void {
  const over = new AbortController();
  async function sleep(): Promise<void> {
    while (!over.signal.aborted) {
      const now = clock.now();
      const left = moment() - now;
      if (left <= 0) return reached();
      await clock.sleep(left, over.signal);
      if (clock.now() <= now) return;
    }
  }
  sleep().catch(() => {}); // a clock may reject a sleep that is cancelled
  return () => over.abort();
}

/** A signal that aborts at a moment. Its timer starts with the first look: most are never looked at. */
export interface Alarm {
  /** Once aborted it stays so. */
  signal(): AbortSignal;
  /** The timer stops. */
  end(): void;
}

/** An alarm at a moment (epoch milliseconds), which may move on meanwhile. */
export function alarmAt(clock: Clock, moment: () => number, reason: string): Alarm {
  let controller: AbortController | undefined;
  let cancel: (() => void) | undefined;
  let ended = false;
  return {
    signal() {
      if (controller === undefined) {
        const looked = (controller = new AbortController());
        if (!ended) cancel = atMoment(clock, moment, () => looked.abort(new DOMException(reason, "TimeoutError")));
      }
      return controller.signal;
    },
    end() {
      ended = true;
      cancel?.();
    },
  };
}

/** What `within` answers when time is up. */
export const late: unique symbol = Symbol("late");

/** An answer, if it comes within `ms` milliseconds. One that comes later is nobody's, also if it is an error. */
export function within<T>(clock: Clock, ms: number, answer: Promise<T>): Promise<T | typeof late> {
  const end = clock.now() + ms;
  return new Promise((resolve, reject) => {
    const cancel = atMoment(
      clock,
      () => end,
      () => resolve(late),
    );
    answer.then(resolve, reject);
    answer.then(cancel, cancel);
  });
}
