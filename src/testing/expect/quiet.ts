let running = 0;
let before: typeof console.error;

function ignore(): void {}

/**
 * Runs with `console.error` muted: a handler that logs each failure would print thousands of lines. Of several at the same
 * time the last one brings it back, unless somebody has replaced it meanwhile.
 */
export async function quietly<T>(run: () => Promise<T>): Promise<T> {
  if (running++ === 0) {
    before = console.error;
    console.error = ignore;
  }
  try {
    return await run();
  } finally {
    if (--running === 0 && console.error === ignore) console.error = before;
  }
}
