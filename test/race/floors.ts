// What must strike in a simulation: one in which nothing happens proves nothing.

/** How often each thing happened, by its name. */
export type Counts = Readonly<Record<string, number>>;

export const schedulesPerSeed = 10_000;

/** How often each must strike in the schedules of a seed, at the least: about two thirds of what is usual. */
export const floors: Counts = {
  crashes: 4000,
  "lost requests": 1700,
  "lost answers": 5800,
  "lost answers: claim": 3000,
  "lost answers: takeover": 820,
  "lost answers: end": 1100,
  "lost answers: extension": 220,
  "lost answers: read": 420,
  "lost answers: read of a result": 19,
  "lost answers: part of a result": 100,
  "answers under way": 10_200,
  "late arrivals": 2100,
  "throttled requests": 1700,
  "refused connections": 1600,
  conflicts: 1700,
  "deletions by TTL": 4300,
  "jumps of time": 51_100,
  extensions: 2500,
  reads: 3500,
  "large results": 1500,
  "results in parts": 90,
  taken_over: 3100,
  "taken over: expired": 1400,
  "taken over: lapsed": 1500,
  "taken over: released": 190,
  "taken over: failed": 12,
  "puts after TTL": 580,
  "runs beside another": 160,
  replayed: 830,
  "replayed error": 90,
  "waits that end in a replay": 260,
  "losers with the winner's answer": 18,
  mismatch: 1800,
  in_progress: 2400,
  lease_lost: 910,
  unknown: 460,
  held: 150,
  failed: 300,
  released: 360,
  unprotected: 580,
  result_not_kept: 180,
};

/** How often it must strike in so many schedules, at the least; undefined where nothing is asked of it. */
export function floorOf(name: string, schedules: number): number | undefined {
  const floor = floors[name];
  return floor === undefined ? undefined : (floor * schedules) / schedulesPerSeed;
}

/** What struck less often than it must, each in a line. */
export function tooRare(counts: Counts, schedules: number): string[] {
  return Object.keys(floors).flatMap((name) => {
    const [struck, least] = [counts[name] ?? 0, floorOf(name, schedules) ?? 0];
    return struck < least ? [`"${name}" struck ${struck} times in ${schedules} schedules, at least ${least} are asked`] : [];
  });
}

export function sumOf(all: readonly Counts[]): Counts {
  const sum: Record<string, number> = {};
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
