// What must strike in a simulation: one in which nothing happens proves nothing.

/** How often each thing happened, by its name. */
export type Counts = Readonly<Record<string, number>>;

export const schedulesPerSeed = 10_000;

/** How often each must strike in the schedules of a seed, at the least: about two thirds of what is usual, and half of what is rare. */
export const floors: Counts = {
  crashes: 3900,
  "lost requests": 1700,
  "lost answers": 5700,
  "lost answers: claim": 2900,
  "lost answers: takeover": 810,
  "lost answers: end": 1200,
  "lost answers: extension": 210,
  "lost answers: read": 380,
  "lost answers: read of a result": 12,
  "lost answers: part of a result": 90,
  "answers under way": 10_200,
  "late arrivals": 2100,
  "throttled requests": 1700,
  "refused connections": 1700,
  conflicts: 1600,
  "deletions by TTL": 4200,
  "jumps of time": 51_300,
  extensions: 2500,
  reads: 3400,
  "large results": 1500,
  "results in parts": 80,
  taken_over: 3200,
  "taken over: expired": 1400,
  "taken over: lapsed": 1500,
  "taken over: released": 180,
  "taken over: failed": 8,
  "puts after TTL": 600,
  "runs beside another": 150,
  replayed: 830,
  "replayed error": 80,
  "waits that end in a replay": 240,
  "losers with the winner's answer": 22,
  mismatch: 1600,
  in_progress: 2700,
  lease_lost: 940,
  unknown: 360,
  held: 150,
  failed: 290,
  released: 350,
  unprotected: 580,
  result_not_kept: 170,
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
