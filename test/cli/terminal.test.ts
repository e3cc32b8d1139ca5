// What is for a person at a terminal: questions, colours, progress; and signals.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { isConfirmed, needTerminal } from "../../src/cli/ask.ts";
import { plain, tableFor } from "../../src/cli/output.ts";
import { progressOn } from "../../src/cli/progress.ts";
import { countsOf, sqsEngines } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { until } from "../support/until.ts";
import { endOf, type Env, environment, nodeArgs, type Ran, start } from "./command.ts";
import { keyed } from "../redrive/orders.ts";
import { benches, recordOf } from "./redrive-suite.ts";

/** A pseudo terminal around a command; ends as it does. */
const pty = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
const hasPty = spawnSync("python3", ["-c", "import pty"]).status === 0;

/** Runs a command at a terminal, where `answer` is typed when `when` has been printed. */
async function atTerminal(args: readonly string[], env: Env, when = "", answer = ""): Promise<Ran> {
  const child = spawn("python3", ["-c", pty, process.execPath, ...nodeArgs, ...args], { env: { ...env, TERM: "xterm-256color" } });
  const ended = endOf(child);
  let seen = "";
  child.stdout.on("data", (data: Buffer) => {
    const before = seen;
    seen += data.toString();
    if (!before.includes(when) && seen.includes(when)) child.stdin.write(answer);
  });
  return ended;
}

// oxlint-disable-next-line no-control-regex
const colour = /\u001b\[3\dm/;
// oxlint-disable-next-line no-control-regex
const cleared = /^messages seen: 2\u001b\[1G\u001b\[2Kdecision /;

describe.skipIf(!hasPty)("at a terminal (Python's pty)", () => {
  describeOnSqs(
    "the command",
    (engine) => {
      const benchOf = benches(engine);

      it.concurrent.for([
        ["y\n", 0, 0],
        ["yes\n", 0, 0],
        ["n\n", 3, 2],
        ["\n", 3, 2],
        ["\u0003", 3, 2],
        ["\u0004", 3, 2],
      ] as const)("asks before a run: %j ends with %i, and leaves %i", async ([answer, exit, stay]) => {
        const bench = await benchOf([keyed("a"), keyed("b")]);
        const apply = ["redrive", "apply", "--plan", await bench.planned(), "--journal", bench.path("journal")];
        const { code, stdout } = await atTerminal(apply, bench.env, "Go on? [y/N]", answer);
        expect([code, await countsOf(engine.client, bench.dlqUrl)]).toEqual([exit, { visible: stay, inFlight: 0, delayed: 0 }]);
        expect(stdout).toMatch(colour);
        if (exit === 0) expect(stdout).toMatch(/\[=+ *\] \d of 2/);
        else expect([stdout.includes("nothing was moved"), existsSync(bench.path("journal"))]).toEqual([true, false]);
      });

      it.concurrent("shows how far a plan is, and takes that away; where NO_COLOR is set, without colours", async () => {
        const bench = await benchOf([keyed("a"), keyed("b")]);
        const plan = ["redrive", "plan", "--dlq", bench.dlqUrl, "--operation", "orders"];
        const { code, stdout } = await atTerminal(plan, { ...bench.env, NO_COLOR: "1" });
        expect(code).toBe(0);
        const shown = stdout.lastIndexOf("messages seen: 2");
        expect(shown).toBeGreaterThan(-1);
        expect(stdout.slice(shown)).toMatch(cleared);
        expect(stdout).not.toMatch(colour);
      });

      it.concurrent("asks before a release, shows what it is about, and has no colours where NO_COLOR is set", async () => {
        const bench = await benchOf([]);
        await bench.put(recordOf("held", { status: "held", error: { name: "Timeout" } }));
        const release = ["release", "orders", "held"];
        const no = await atTerminal([...release, "--json"], { ...bench.env, NO_COLOR: "1" }, "[y/N]", "n\n");
        expect([no.code, (await bench.store.read(recordOf("held").id))?.status]).toEqual([3, "held"]);
        expect(no.stdout).toMatch(/held\r\n[^]*Timeout[^]*Release its key\?[^]*not released/);
        expect(no.stdout).not.toMatch(colour);
        expect(no.stdout).not.toContain("{");
        const yes = await atTerminal(release, bench.env, "[y/N]", "y\n");
        expect([yes.code, (await bench.store.read(recordOf("held").id))?.status]).toEqual([0, "released"]);
      });
    },
    sqsEngines.filter(({ name }) => name === "MiniStack"),
  );
});

describe("a question", () => {
  function terminal() {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = Object.assign(new PassThrough(), { isTTY: true });
    return { input, output };
  }

  it.for([
    ["y\n", true],
    ["YES\n", true],
    [" y \n", true],
    ["no\n", false],
    ["yeah\n", false],
    ["\n", false],
    ["", false],
  ] as const)("%j: %s", async ([answer, is]) => {
    const { input, output } = terminal();
    const asked = isConfirmed("Go on?", { input, output });
    input.end(answer);
    expect(await asked).toBe(is);
    expect(String(output.read())).toContain("Go on? [y/N] ");
  });

  it.for(["input", "output"] as const)("needs a terminal: %s is none", (which) => {
    const streams = terminal();
    expect(() => needTerminal(streams)).not.toThrow();
    expect(() => needTerminal({ ...streams, [which]: new PassThrough() })).toThrow("no prompt without a terminal");
  });
});

describe("what is printed", () => {
  const stream = (members: object): NodeJS.WriteStream => Object.assign(new PassThrough(), members) as never;
  const pipe = stream({ isTTY: false });

  it("has columns as wide as what stands in them, and none in which nothing stands", () => {
    const text = tableFor(
      pipe,
      ["a", "empty", "reason"],
      [
        ["1", "", "why"],
        ["longer", undefined, "x ".repeat(200)],
      ],
    );
    expect(text.split("\n").map((line) => line.slice(0, 12))).toEqual(["a       reas", "1       why", "longer  x x "]);
  });

  it("wraps its last column where a terminal is narrower", () => {
    const narrow = stream({ isTTY: true, columns: 40, hasColors: () => false });
    const text = tableFor(narrow, ["a", "reason"], [["1".repeat(10), "some words that are longer than what is there of the line"]]);
    expect(text.split("\n").length).toBeGreaterThan(2);
    expect(Math.max(...text.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(40);
  });

  it("has its columns in line also over more rows than one table takes", () => {
    const rows = Array.from({ length: 500 }, (_, i) => [`${i}`, "reason"]);
    const lines = tableFor(pipe, ["n", "reason"], rows).split("\n");
    expect(lines).toHaveLength(501);
    expect(new Set(lines.map((line) => line.indexOf("reason")))).toEqual(new Set([5]));
  });

  it("obeys nothing that others have written", () => {
    expect(plain("a\u001b[2Jb\nc\u0007d")).toBe("ab c d");
  });

  it("shows no progress where there is no terminal", () => {
    const progress = progressOn(pipe);
    progress.show("1 of 2");
    progress.end();
    expect((pipe as unknown as PassThrough).read()).toBeNull();
  });
});

it("a second signal ends at once, and is none where it comes with the first", async () => {
  const interrupt = join(import.meta.dirname, "../../src/cli/interrupt.ts");
  const code = `import { untilInterrupted } from ${JSON.stringify(interrupt)};
    const { signal } = untilInterrupted(() => console.log("first"));
    setInterval(() => {}, 1000);
    console.log("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = endOf(child);
  let seen = "";
  child.stdout.on("data", (data: Buffer) => (seen += data.toString()));
  await until("it is ready", async () => (seen.includes("ready") ? true : undefined));
  // npm hands on what the terminal has sent already: the second one of a pair.
  child.kill("SIGINT");
  child.kill("SIGTERM");
  await until("it has heard", async () => (seen.includes("first") ? true : undefined));
  expect(child.exitCode).toBeNull();
  await until("it ends", async () => {
    child.kill("SIGINT");
    return child.exitCode ?? undefined;
  });
  expect(await ended).toEqual({ code: 3, stdout: "ready\nfirst\n", stderr: "" });
});

it("a second signal leaves no file of a plan that was not made", async () => {
  let requests = 0;
  const silent = createServer(() => requests++).listen(0, "127.0.0.1");
  const folder = mkdtempSync(join(tmpdir(), "lambda-once-terminal-"));
  try {
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const out = join(folder, "plan.json");
    const plan = ["redrive", "plan", "--dlq", `${endpoint}/000000000000/dlq`, "--operation", "orders", "--table", "t", "--out", out];
    const { child, ended } = start(plan, environment({ sqs: endpoint, dynamodb: endpoint }));
    await until("it waits for an answer", async () => (requests > 0 ? true : undefined));
    expect(existsSync(out)).toBe(true);
    await until("it ends", async () => {
      child.kill("SIGINT");
      return child.exitCode ?? undefined;
    });
    expect(await ended).toMatchObject({ code: 3, stdout: "", stderr: expect.stringMatching(/^stopping[^\n]*\n$/) });
    expect(existsSync(out)).toBe(false);
  } finally {
    silent.closeAllConnections();
    silent.close();
    rmSync(folder, { recursive: true });
  }
});

it("the entry has what makes it a command", () => {
  expect(readFileSync(join(import.meta.dirname, "../../src/cli/main.ts"), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
});
