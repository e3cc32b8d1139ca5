// CPU time of calls: all threads of this process.

/** The n-th call of a row. */
export type NthCall = (n: number) => Promise<unknown>;

/** Long enough for the compiler to be done. CPU milliseconds. */
const warmUpMs = 400;

/** How many calls make a batch of that length, once all is compiled. */
export async function callsIn(call: NthCall, batchMs: number): Promise<number> {
  let calls = 10;
  let us = 0;
  for (let spentMs = 0; spentMs < warmUpMs; spentMs += (us * calls) / 1000) {
    if (us > 0) calls = callsFor(batchMs, us);
    us = await cpuOf(call, calls);
  }
  return callsFor(batchMs, us);
}

/** CPU microseconds a call. */
export async function cpuOf(call: NthCall, calls: number): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < calls; n++) await call(n);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

function callsFor(batchMs: number, us: number): number {
  return Math.ceil((batchMs * 1000) / us);
}
