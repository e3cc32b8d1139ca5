// Ctrl-C and SIGTERM: the first one asks to end, the second one ends.
import { aborted } from "./output.ts";

const signals = ["SIGINT", "SIGTERM"] as const;
/** npm hands on to its children what the terminal has sent them already. Milliseconds. */
const sameKeyMs = 500;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Signals are the process's own again. */
  end(): void;
}

/** `onFirst`: says what the first one leads to. */
export function untilInterrupted(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let firstAt: number | undefined;

  function interrupted(): void {
    const now = Date.now();
    if (firstAt !== undefined && now - firstAt >= sameKeyMs) process.exit(aborted);
    if (firstAt !== undefined) return;
    firstAt = now;
    controller.abort();
    onFirst();
  }

  for (const signal of signals) process.on(signal, interrupted);
  return {
    signal: controller.signal,
    end() {
      for (const signal of signals) process.off(signal, interrupted);
    },
  };
}
