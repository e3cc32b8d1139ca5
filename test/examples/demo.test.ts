import { execFile } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { complaints, type Played } from "../../examples/demo/check.ts";

interface Ended {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function demo(flags: readonly string[] = [], env: Record<string, string> = {}): Promise<Ended> {
  const { FORCE_COLOR: _, IDEMPOTENCY_DISABLED: __, ...inherited } = process.env;
  const args = ["--conditions=lambda-once:source", "examples/demo/main.ts", ...flags];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...inherited, ...env }, timeout: 50_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

/** The rows of the tables as they are printed, blanks as one blank; a scenario's effects are on two lines. */
function rows(stdout: string): string[] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("│"))
    .map((line) => line.replaceAll(/\s+/g, " "));
}

// # │ scenario │ deliveries │ runs │ replays │ refusals │ requests │ effects
const scenarioRows = [
  "│ 1 │ Double click │ 2 │ 1 │ 1 │ 0 │ 4 │ charges 1 of 1 ✓ │",
  "│ 2 │ Client retry after a timeout │ 2 │ 1 │ 1 │ 0 │ 3 │ charges 1 of 1 ✓ │",
  "│ 3 │ Two simultaneous deliveries │ 3 │ 1 │ 1 │ 1 │ 4 │ emails 1 of 1 ✓ │",
  "│ 4 │ Crash and takeover │ 3 │ 2 │ 0 │ 1 │ 5 │ emails 1 of 1 ✓ │",
  "│ 5 │ Crash after an effect │ 2 │ 2 │ 0 │ 0 │ 4 │ emails 1 of 1 ✓ │",
  "│ 6 │ Changed payload, same key │ 2 │ 1 │ 0 │ 1 │ 3 │ charges 1 of 1 ✓ │",
  "│ 7 │ 47 clicks on one button │ 47 │ 1 │ 46 │ 0 │ 94 │ charges 1 of 1 ✓ │",
  "│ 8 │ SQS batch │ 5 │ 4 │ 1 │ 0 │ 10 │ units 4 of 4 ✓ │",
  "│ 9 │ EventBridge event twice │ 2 │ 1 │ 1 │ 0 │ 3 │ emails 1 of 1 ✓ │",
];

describe("the demo on the embedded engine", () => {
  let ended: Ended;
  beforeAll(async () => {
    ended = await demo();
  });

  test("plays every scenario as expected and exits 0", () => {
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    expect(rows(ended.stdout)).toEqual(expect.arrayContaining(scenarioRows));
    expect(ended.stdout).toContain("✓ Every effect happened as often as it should.");
  });

  test("shows a record per key as the table holds it: the takeovers at attempt 2, and no raw key", () => {
    const records = rows(ended.stdout).filter((row) => row.includes(" completed "));
    expect(records).toHaveLength(11);
    expect(records[0]).toMatch(/^│ 1 │ pay │ [\w-]{8}… │ completed │ 1 │ json │ \{"statusCode":201.*… │ 09:01:29 │ in 24 h │$/);
    expect(records.filter((row) => row.includes("│ completed │ 2 │"))).toHaveLength(3);
    expect(records.filter((row) => row.startsWith("│ 8 │ reserve │"))).toHaveLength(3);
    for (const raw of ["double-click", "evt_crash", "order-3001"]) expect(ended.stdout).not.toContain(raw);
  });

  test("fits in 110 columns, without colours where there is no terminal", () => {
    expect(Math.max(...ended.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
    expect(stripVTControlCharacters(ended.stdout)).toBe(ended.stdout);
  });

  test("prints the same again", async () => {
    expect((await demo()).stdout).toBe(ended.stdout);
  });
});

describe.skipIf(inject("dynamodbLocal") === "")("the demo on DynamoDB Local", () => {
  test("plays every scenario as expected and exits 0", async () => {
    const ended = await demo(["--engine", "local"]);
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    expect(rows(ended.stdout)).toEqual(expect.arrayContaining(scenarioRows));
  });
});

describe("a demo in which not all is well", () => {
  test("exits 1 and names each scenario whose effects are wrong: here nothing is protected", async () => {
    const { status, stderr } = await demo([], { IDEMPOTENCY_DISABLED: "1" });
    expect(status).toBe(1);
    expect(stderr).toContain("✗ Double click: charges 2, expected 1");
    expect(stderr).toContain("✗ Two simultaneous deliveries: units 3, expected 1");
    expect(stderr).toContain("✗ 47 clicks on one button: emails 47, expected 1");
    expect(stderr).toContain("✗ SQS batch: units 5, expected 4");
    expect(stderr).toContain("✗ EventBridge event twice: emails 2, expected 1");
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test("exits 1 without a stack where Java is missing", async () => {
    const { status, stderr } = await demo(["--engine", "local"], { PATH: "", JAVA_HOME: "" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^demo: DynamoDB Local: Java 17 or newer is needed .*\n$/);
  });

  test.each([
    ["an unknown engine", ["--engine", "sqlite"], 'unknown engine "sqlite"'],
    ["an engine without a name", ["--engine"], "--engine"],
    ["a name that every object has", ["--engine", "constructor"], 'unknown engine "constructor"'],
    ["an unknown flag", ["--quiet"], "--quiet"],
    ["an argument", ["local"], "local"],
  ])("exits 2 for %s, and says how it is used", async (_, flags, named) => {
    const { status, stdout, stderr } = await demo(flags);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr.split("\n", 1)[0]).toContain(named);
    expect(stderr).toContain("usage: npm run demo");
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe("complaints", () => {
  const counts = { deliveries: 2, runs: 1, replays: 1, refusals: 0 };
  const effects = { charges: 1, emails: 1, units: 0, points: 0 };
  const scenario = { name: "Twice", story: "", expected: { ...counts, effects: { charges: 1, emails: 1 } }, play: async () => {} };
  const played: Played = { ...counts, scenario, effects, requests: 3, keyHashes: [], trouble: undefined };

  test.each<[string, Partial<Played>, string[]]>([
    ["nothing", {}, []],
    ["an effect too many", { effects: { ...effects, charges: 2 } }, ["Twice: charges 2, expected 1"]],
    ["an effect too few", { effects: { ...effects, emails: 0 } }, ["Twice: emails 0, expected 1"]],
    ["an effect that nobody expected", { effects: { ...effects, units: 1 } }, ["Twice: units 1, expected 0"]],
    ["a run that a dedupe elsewhere hides", { runs: 2, replays: 0 }, ["Twice: runs 2, expected 1", "Twice: replays 0, expected 1"]],
    ["a scenario that did not end", { trouble: "it did not end within 20 s" }, ["Twice: it did not end within 20 s"]],
  ])("name %s", (_, changes, expected) => {
    expect(complaints({ ...played, ...changes })).toEqual(expected);
  });
});
