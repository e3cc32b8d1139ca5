// A proof that is stopped goes on where it stopped, and never with the results of another source.
import { execFile } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { bugs } from "./bugs.ts";
import { type Job, type JobOptions, runJobs } from "./jobs.ts";
import { resultName } from "./proof.ts";
import { openRecords, type Records } from "./records.ts";
import { doneOf, leftOf, seedJob } from "./work.ts";

const folder = mkdtempSync(join(tmpdir(), "lambda-once-proof-"));
afterAll(() => rmSync(folder, { recursive: true }));
const records = join(folder, "records");

function recordsOf(source: string): Records {
  return openRecords(records, (part) => `${part} ${source}`);
}

describe("records", () => {
  it("are there for the next run, of each part its own", () => {
    recordsOf("one").put("simulation", "1", { seed: 1 });
    recordsOf("one").put("simulation", "2", { seed: 2 });
    expect(recordsOf("one").of("simulation")).toEqual({ 1: { seed: 1 }, 2: { seed: 2 } });
    expect(recordsOf("one").of("model")).toEqual({});
  });

  it("of another source are not mixed in, nor lost", () => {
    expect(recordsOf("two").of("simulation")).toEqual({});
    recordsOf("two").put("simulation", "3", { seed: 3 });
    expect(recordsOf("two").of("simulation")).toEqual({ 3: { seed: 3 } });
    expect(Object.keys(recordsOf("one").of("simulation"))).toEqual(["1", "2"]);
  });

  it("that cannot be read are an error, not an empty page", () => {
    const broken = openRecords(join(folder, "broken"), () => "");
    broken.put("model", "throw", {});
    for (const file of globSync(join(folder, "broken/*/*.json"))) writeFileSync(file, "{");
    expect(() => broken.of("model")).toThrow("JSON");
  });

  it("keep any name", () => {
    const name = 'a/b "c" 1.json';
    recordsOf("names").put("bugs", name, 1);
    expect(recordsOf("names").of("bugs")).toEqual({ [name]: 1 });
  });

  it("of two runs at once are all kept", async () => {
    const put = `import { openRecords } from ${JSON.stringify(join(import.meta.dirname, "records.ts"))};
      const [folder, first] = process.argv.slice(1);
      for (let n = 0; n < 50; n++) openRecords(folder, () => "twice").put("simulation", String(Number(first) + n), n);`;
    const args = ["--input-type=module", "-e", put, records];
    await Promise.all(["1", "51"].map((first) => promisify(execFile)(process.execPath, [...args, first])));
    expect(Object.keys(openRecords(records, () => "twice").of("simulation"))).toHaveLength(100);
  });
});

describe("what has a result", () => {
  it("is not done again", () => {
    const jobs = [1, 2, 3, 4].map((seed) => seedJob(seed, () => {}));
    const left = leftOf(jobs, doneOf("simulation", recordsOf("one").of("simulation")));
    expect(left.map(({ name }) => name)).toEqual(["seed 3", "seed 4"]);
  });

  it("is, of a bug, that of the patch as it is now", () => {
    const [bug, other] = bugs;
    if (bug === undefined || other === undefined) throw new Error("there are bugs");
    const changed = { ...other, edits: bug.edits };
    expect(doneOf("bugs", { [resultName(bug)]: {}, [resultName(changed)]: {} })).toEqual([`bug ${bug.name}`]);
  });

  it("is known of every part", () => {
    expect(doneOf("model", { throw: {} })).toEqual(['model "throw"']);
    expect(doneOf("mutants", {})).toEqual([]);
    const report = { score: 100, ignored: 0, unexplained: [], stale: [] };
    expect(doneOf("mutants", { all: report })).toEqual(["mutants"]);
    expect(doneOf("mutants", { all: { ...report, score: 89 } })).toEqual([]);
  });
});

describe("jobs", () => {
  const options: JobOptions = { workers: 2, leftMs: () => 1000, signal: new AbortController().signal };
  const nameOf = ({ name }: Job): string => name;

  function job(name: string, run: Job["run"] = () => Promise.resolve(true), more: Partial<Job> = {}): Job {
    return { name, expectedMs: 10, run, ...more };
  }

  it("run as many at a time as there are workers, those that want to be alone at the end", async () => {
    const log: string[] = [];
    const logged = (name: string, more: Partial<Job> = {}): Job => {
      const run = async (): Promise<boolean> => {
        log.push(`${name} starts`);
        await Promise.resolve();
        log.push(`${name} ends`);
        return true;
      };
      return job(name, run, more);
    };
    await runJobs([logged("a"), logged("b", { alone: true }), logged("c")], options);
    expect(log).toEqual(["a starts", "c starts", "a ends", "c ends", "b starts", "b ends"]);
  });

  it("that fail let the others go on", async () => {
    const { left, failed } = await runJobs([job("a", () => Promise.resolve(false)), job("b"), job("c")], { ...options, workers: 1 });
    expect([left.map(nameOf), failed.map(nameOf)]).toEqual([[], ["a"]]);
  });

  it("that would take too long are not started; shorter ones still are", async () => {
    let leftMs = 100;
    const slow = (): Promise<boolean> => {
      leftMs -= 60;
      return Promise.resolve(true);
    };
    const jobs = [job("a", slow, { expectedMs: 80 }), job("b", slow, { expectedMs: 80 }), job("c")];
    const { left } = await runJobs(jobs, { ...options, workers: 1, leftMs: () => leftMs });
    expect(left.map(nameOf)).toEqual(["b"]);
  });

  it("that are stopped are left, as are those behind them", async () => {
    const stop = new AbortController();
    const stopped = job("a", (signal) => {
      stop.abort();
      signal.throwIfAborted();
      return Promise.resolve(true);
    });
    const { left, failed } = await runJobs([stopped, job("b")], { ...options, workers: 1, signal: stop.signal });
    expect([left.map(nameOf), failed]).toEqual([["a", "b"], []]);
  });

  it("that throw stop all", async () => {
    let started = 0;
    const counted = job("b", () => Promise.resolve(++started > 0));
    await expect(runJobs([job("a", () => Promise.reject(new Error("no model"))), counted], { ...options, workers: 1 })).rejects.toThrow(
      "no model",
    );
    expect(started).toBe(0);
  });
});
