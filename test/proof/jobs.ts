// Work that is done a few pieces at a time, for as long as there is time.

export interface Job {
  readonly name: string;
  /** How long it may take; it is not started where less is left. */
  readonly expectedMs: number;
  /** Does nothing beside it? */
  readonly alone?: boolean;
  /** @returns whether all is well. */
  run(signal: AbortSignal): Promise<boolean>;
}

export interface JobOptions {
  readonly workers: number;
  /** How long new work may be started and go on. Milliseconds. */
  readonly leftMs: () => number;
  /** Stops what is under way. */
  readonly signal: AbortSignal;
}

export interface Done {
  /** Jobs that were not started, and those that were stopped. */
  readonly left: readonly Job[];
  /** The jobs that were not well. */
  readonly failed: readonly Job[];
}

/** Runs the jobs in their order; a job that fails lets the others go on, one that throws stops all. */
export async function runJobs(jobs: readonly Job[], { workers, leftMs, signal }: JobOptions): Promise<Done> {
  const left: Job[] = [];
  const failed: Job[] = [];
  const waiting = jobs.filter(({ alone }) => alone !== true);
  const broken = new AbortController();
  const stopped = AbortSignal.any([signal, broken.signal]);

  async function one(job: Job): Promise<void> {
    if (stopped.aborted || leftMs() < job.expectedMs) {
      left.push(job);
      return;
    }
    try {
      if (!(await job.run(stopped))) failed.push(job);
    } catch (error) {
      left.push(job);
      if (stopped.aborted) return;
      broken.abort();
      throw error;
    }
  }

  async function work(): Promise<void> {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await one(job);
  }

  await Promise.all(Array.from({ length: workers }, work));
  for (const job of jobs.filter(({ alone }) => alone === true)) await one(job);
  return { left, failed };
}
