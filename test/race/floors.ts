// What must strike in a simulation: one in which nothing happens proves nothing.

/** How often each thing happened, by its name. */
export type Counts = Readonly<Record<string, number>>;

export const schedulesPerSeed = 10_000;

/** How often each must strike in the schedules of a seed, at the least. */
export const floors: Counts = {
  crashes: 2500,
  "lost requests": 1000,
  "lost answers": 3000,
  "answers under way": 5000,
  "late arrivals": 2000,
  "throttled requests": 1000,
  "refused connections": 1000,
  "deletions by TTL": 2500,
  "jumps of time": 20_000,
  extensions: 2000,
  reads: 2000,
  "large results": 1000,
  conflicts: 1000,
  taken_over: 5000,
  replayed: 5000,
  "replayed error": 100,
  mismatch: 1500,
  in_progress: 2000,
  lease_lost: 700,
  unknown: 400,
  held: 150,
  failed: 100,
  released: 300,
  unprotected: 250,
  result_not_kept: 200,
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
