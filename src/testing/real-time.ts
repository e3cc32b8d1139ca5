// Taken before a test runner fakes them: what is waited for here passes in real time.
const { setImmediate, setTimeout, clearTimeout, performance } = globalThis;
const read = performance.now.bind(performance);

/** How long something may take that nothing is heard of: less than the limit of a test in any runner. Milliseconds. */
export const patienceMs = 2000;

/** Real milliseconds since some moment. */
export function realMs(): number {
  return read();
}

/** One turn of the event loop: what can go on without waiting for the outside has gone on. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What comes of a promise, or, after `patienceMs`, what `late` makes of that. */
export function inPatience<T>(promise: Promise<T>, late: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error as Error);
      }
    }, patienceMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timeout));
  });
}
