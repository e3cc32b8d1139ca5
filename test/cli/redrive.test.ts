// The redrive of the command, as processes against a queue and a table.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, it, vi } from "vitest";
import type { RedriveReport } from "../../src/redrive/index.ts";
import { endOfMove, startMove } from "../support/moves.ts";
import { countsOf, drain, freshQueues, receive, sendAll, sqsEngines } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { until } from "../support/until.ts";
import { keyed } from "../redrive/orders.ts";
import { type Bench, benches, planIn, recordOf } from "./redrive-suite.ts";

// Each test is several processes, and five tests are at work at a time.
vi.setConfig({ testTimeout: 180_000 });

const nothing = { visible: 0, inFlight: 0, delayed: 0 };
const held = (key: string) => recordOf(key, { status: "held", error: { name: "Timeout", message: "gateway" } });
const poison = (key: string) => recordOf(key, { status: "failed", completedAt: Date.now() - 80_000, error: { name: "PermanentError" } });
const numbers = (count: number) => Array.from({ length: count }, (_, i) => keyed(`${i}`));
const line = /^lambda-once: [^\n]+\n$/;
const apply = (bench: Bench, plan: string, ...more: string[]) => [
  "redrive",
  "apply",
  "--plan",
  plan,
  "--journal",
  bench.path("journal"),
  "--rate",
  "500",
  ...more,
];

describeOnSqs(
  "the command",
  (engine) => {
    const benchOf = benches(engine);
    const visible = async (url: string) => (await countsOf(engine.client, url)).visible;

    it.concurrent("plans as a table, as JSON and into a file, moves nothing, and overwrites no file", async () => {
      const bench = await benchOf([keyed("done"), keyed("new"), keyed("poison"), keyed("held"), { MessageBody: "by id" }]);
      await Promise.all([recordOf("done", { completedAt: Date.now() }), poison("poison"), held("held")].map(bench.put));
      const plan = ["redrive", "plan", "--dlq", bench.dlqUrl, "--operation", "orders"];
      const out = bench.path("plan.json");

      const table = await bench.command(...plan, "--out", out);
      expect(table).toMatchObject({ code: 0, stderr: "" });
      for (const row of [/^redrive +2 +send it back$/m, /^release +1 /m, /^discard +1 /m, /^leave +1 /m]) expect(table.stdout).toMatch(row);
      for (const [i, row] of [
        / completed +discard +attempt 1 completed/,
        / none +redrive /,
        / failed +release /,
        / held +leave /,
      ].entries())
        expect(table.stdout).toMatch(new RegExp(`^${bench.ids[i]} +${bench.arn.split(":").at(-1)} +attribute +${row.source.trim()}`, "m"));
      expect(table.stdout).toMatch(new RegExp(`^${bench.ids[4]} .* messageId +none +redrive`, "m"));
      expect(table.stdout).toContain(`lambda-once redrive apply --plan ${out} --journal ${bench.path("plan.journal")}`);
      expect(
        planIn(out)
          .entries.map(({ decision }) => decision)
          .sort(),
      ).toEqual(["discard", "leave", "redrive", "redrive", "release"]);

      const before = readFileSync(out, "utf8");
      const again = await bench.command(...plan, "--out", out);
      expect([again.code, again.stdout, readFileSync(out, "utf8")]).toEqual([1, "", before]);
      expect(again.stderr).toMatch(/exists already/);

      const json = await bench.command(...plan, "--json", "--max", "2");
      expect(json).toMatchObject({ code: 0, stderr: "" });
      expect(JSON.parse(json.stdout)).toMatchObject({ version: 1, operation: "orders", complete: false, entries: [{}, {}] });
      const some = await bench.command(...plan, "--max", "2");
      expect(some.stdout).toContain("These are not all (complete: false)");
      expect(await countsOf(engine.client, bench.dlqUrl)).toEqual({ ...nothing, visible: 5 });
      expect(await countsOf(engine.client, bench.url)).toEqual(nothing);
    });

    it.concurrent("carries a plan out: table, JSON, 0 for all done; the same again does nothing more", async () => {
      const bench = await benchOf([keyed("done"), keyed("new"), keyed("poison")]);
      await Promise.all([recordOf("done", { completedAt: Date.now() }), poison("poison")].map(bench.put));
      const plan = await bench.planned();

      const unasked = await bench.command(...apply(bench, plan));
      expect([unasked.code, unasked.stdout, existsSync(bench.path("journal"))]).toEqual([1, "", false]);
      expect(unasked.stderr).toMatch(/^lambda-once: no prompt without a terminal/);
      expect(await countsOf(engine.client, bench.dlqUrl)).toEqual({ ...nothing, visible: 3 });

      const { code, stdout, stderr } = await bench.command(...apply(bench, plan, "--yes", "--discard-duplicates"));
      expect([code, stderr]).toEqual([0, ""]);
      for (const text of ["Mode: selective, one by one; at most 500 a second", "its work is done: DELETE it"])
        expect(stdout).toContain(text);
      expect(stdout).toMatch(/^redriven +keys freed +discarded +left +failed\n2 +1 +1 +0 +0\n$/m);
      expect(await countsOf(engine.client, bench.dlqUrl)).toEqual(nothing);
      expect((await drain(engine.client, bench.url)).map(({ Body = "" }) => Body).toSorted()).toEqual(["new", "poison"]);

      const again = await bench.command(...apply(bench, plan, "--yes", "--json"));
      expect(again.code).toBe(0);
      expect(JSON.parse(again.stdout)).toMatchObject({ redriven: 2, released: 1, discarded: 1, left: [], failed: [] });
      expect(again.stderr).toContain("the run goes on where it ended");
      expect(await countsOf(engine.client, bench.url)).toEqual(nothing);
    });

    it.concurrent("ends with 2 where something was left, and says what and why", async () => {
      const bench = await benchOf([keyed("new"), keyed("edited"), keyed("held")]);
      await bench.put(held("held"));
      const path = await bench.planned();
      const plan = planIn(path);
      const entries = plan.entries.map((entry) => (entry.messageId === bench.ids[1] ? { ...entry, decision: "leave" } : entry));
      // As an editor saves it that was made for Windows.
      writeFileSync(path, `\uFEFF${JSON.stringify({ ...plan, entries }, undefined, 2).replaceAll("\n", "\r\n")}`);
      const { code, stdout } = await bench.command(...apply(bench, path, "--yes"));
      expect(code).toBe(2);
      expect(stdout).toMatch(/^1 +0 +0 +2 +0$/m);
      expect(stdout).toMatch(new RegExp(`^${bench.ids[2]} +left +attempt 1 ended with an unknown outcome \\(Timeout\\)`, "m"));
      const json = await bench.command(...apply(bench, path, "--yes", "--json"));
      expect(json.code).toBe(2);
      expect((JSON.parse(json.stdout) as RedriveReport).left.map(({ messageId }) => messageId).toSorted()).toEqual(
        bench.ids.slice(1).toSorted(),
      );
      expect(await visible(bench.url)).toBe(1);
    });

    it.concurrent("ends with 3 after the messages in hand when it is told to stop; the same plan and journal go on", async () => {
      const bench = await benchOf([keyed("a")]);
      // So many that it runs on, however slow the machine is.
      await sendAll(engine.client, bench.dlqUrl, numbers(39));
      const plan = await bench.planned();
      const journal = bench.path("journal");
      const slow = apply(bench, plan, "--yes", "--rate", "1");
      const { child, ended } = bench.started(...slow);
      await until("a message is sent", async () =>
        existsSync(journal) && readFileSync(journal, "utf8").includes('"event":"sent"') ? true : undefined,
      );
      const during = await bench.command("redrive", "status", "--dlq", bench.dlqUrl, "--json");
      child.kill("SIGINT");
      const { code, stdout, stderr } = await ended;
      expect(code).toBe(3);
      expect(JSON.parse(during.stdout)).toMatchObject({ running: true, runUntil: expect.any(String) });
      expect(stderr).toContain("stopping after the messages in hand");
      expect(stdout).toContain("It ended before its time: it was told to stop");
      expect(stdout).toContain("The same plan and journal again go on from here.");
      const rest = await visible(bench.dlqUrl);
      expect(rest).toBeGreaterThan(0);
      expect(rest + (await visible(bench.url))).toBe(40);
      const resumed = await bench.command(...apply(bench, plan, "--yes"));
      expect(resumed.code).toBe(0);
      expect(await visible(bench.url)).toBe(40);
    });

    it.concurrent("a plan that is told to stop makes visible what it has seen, and leaves no file", async () => {
      const bench = await benchOf([keyed("a"), keyed("b")]);
      const out = bench.path("plan.json");
      const { child, ended } = bench.started("redrive", "plan", "--dlq", bench.dlqUrl, "--operation", "orders", "--out", out);
      await until("it looks at them", async () => ((await countsOf(engine.client, bench.dlqUrl)).inFlight === 2 ? true : undefined));
      child.kill("SIGTERM");
      const { code, stdout, stderr } = await ended;
      expect([code, stdout, existsSync(out)]).toEqual([3, "", false]);
      expect(stderr).toContain("stopped; there is no plan");
      expect(await countsOf(engine.client, bench.dlqUrl)).toEqual({ ...nothing, visible: 2 });
    });

    it.concurrent("moves in bulk, and says how the move task has ended; there is nothing to cancel then", async () => {
      const bench = await benchOf([keyed("a"), keyed("b")]);
      const plan = await bench.planned();
      const { code, stdout } = await bench.command(...apply(bench, plan, "--yes", "--mode", "bulk"));
      expect(code).toBe(0);
      expect(stdout).toContain("Mode: bulk, by a move task of SQS's own");
      expect(stdout).toMatch(/^2 +0 +0 +0 +0$/m);
      const status = await bench.command("redrive", "status", "--dlq", bench.dlqUrl);
      expect(status).toMatchObject({ code: 0, stderr: "" });
      expect(status.stdout).toMatch(/^not running\n/);
      expect(status.stdout).toMatch(/^dead-letter queue +\S+-dlq +0 +0 +0$/m);
      expect(status.stdout).toMatch(/^source queue +\S+ +2 +0 +0$/m);
      expect(status.stdout).toMatch(/^move task: COMPLETED, 2 of about 2 moved, at most 500 a second, started 2/m);
      expect(status.stdout).toMatch(/^runs of lambda-once: none$/m);
      const cancelled = await bench.command("redrive", "cancel", "--dlq", bench.dlqUrl);
      expect(cancelled).toEqual({ code: 1, stdout: "", stderr: "lambda-once: no move task is running: the newest one is COMPLETED\n" });
    });

    it.concurrent("refuses a bulk that is unsafe before it asks, and nothing moves", async () => {
      const bench = await benchOf([keyed("a"), { MessageBody: "by id" }]);
      const { code, stdout, stderr } = await bench.command(...apply(bench, await bench.planned(), "--yes", "--mode", "bulk"));
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/has its messageId as its key/);
      expect(await countsOf(engine.client, bench.dlqUrl)).toEqual({ ...nothing, visible: 2 });
    });

    it.concurrent("sees and cancels a move task that runs; a run is refused meanwhile", async () => {
      const { client } = engine;
      const bench = await benchOf([keyed("a")]);
      const plan = await bench.planned();
      // So many that it runs on, however slow the machine is.
      await sendAll(client, bench.dlqUrl, numbers(99));
      await startMove(client, { SourceArn: bench.dlqArn, DestinationArn: bench.arn, MaxNumberOfMessagesPerSecond: 1 });
      const status = await bench.command("redrive", "status", "--dlq", bench.dlqUrl);
      expect([status.code, status.stdout.split("\n", 1)[0]]).toEqual([0, "running"]);
      const refused = await bench.command(...apply(bench, plan, "--yes"));
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/^lambda-once: a move task of SQS's own .*\(CONFIG_INVALID\)\n$/);
      const cancelled = await bench.command("redrive", "cancel", "--dlq", bench.dlqUrl, "--json");
      expect(cancelled).toMatchObject({ code: 0, stderr: "" });
      expect(JSON.parse(cancelled.stdout)).toMatchObject({ status: expect.stringMatching(/^CANCELL/), moved: expect.any(Number) });
      await endOfMove(client, bench.dlqArn);
      expect((await visible(bench.dlqUrl)) + (await visible(bench.url))).toBe(100);
    });

    it.concurrent.for(["redrive status", "redrive cancel", "redrive plan --operation orders"])(
      "%s: queues that are none",
      async (command) => {
        const bench = await benchOf([]);
        const other = await freshQueues(engine.client);
        for (const url of [`${bench.dlqUrl}-none`, other.url]) {
          const { code, stdout, stderr } = await bench.command(...command.split(" "), "--dlq", url);
          expect([code, stdout]).toEqual([1, ""]);
          expect(stderr).toMatch(line);
          expect(stderr).toMatch(/--dlq is ".*": (there is no such queue|no queue sends its dead letters there)/);
        }
      },
    );

    it.concurrent("says that there is no such table, also where no message asks for a record", async () => {
      const bench = await benchOf([]);
      const out = bench.path("plan.json");
      const plan = ["redrive", "plan", "--dlq", bench.dlqUrl, "--operation", "orders", "--out", out];
      const { code, stdout, stderr } = await bench.command(...plan, "--table", "nobodys");
      expect([code, stdout, existsSync(out)]).toEqual([1, "", false]);
      expect(stderr).toMatch(line);
      expect(stderr).toMatch(/ResourceNotFoundException.*--table or IDEMPOTENCY_TABLE/);
      expect(await bench.command(...plan)).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^no messages\n/) });
    });

    it.concurrent("takes messages of one queue only, where it is told to", async () => {
      const bench = await benchOf([keyed("a")]);
      expect(planIn(await bench.planned("--source-queue", bench.arn)).entries).toMatchObject([{ decision: "redrive" }]);
      const plan = ["redrive", "plan", "--dlq", bench.dlqUrl, "--operation", "orders"];
      const { code, stderr } = await bench.command(...plan, "--source-queue", `${bench.arn}-none`);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/--source-queue is ".+-none": it sends no dead letters there; give arn:/)]);
    });

    it.concurrent("has the handler's own retention, and hands it on", async () => {
      const bench = await benchOf([keyed("a")]);
      const plan = ["redrive", "plan", "--dlq", bench.dlqUrl, "--operation", "orders"];
      const warning = "it is older than records are kept";
      expect((await bench.command(...plan)).stdout).not.toContain(warning);
      const path = bench.path("plan.json");
      const { stdout } = await until("it is older than a second", async () => {
        const ran = await bench.command(...plan, "--retention-seconds", "1", "--out", path);
        if (ran.stdout.includes(warning)) return ran;
        rmSync(path);
        return undefined;
      });
      expect(stdout).toContain(`--journal ${bench.path("plan.journal")} --retention-seconds 1\n`);
      expect((await bench.command(...apply(bench, path, "--yes", "--retention-seconds", "1"))).code).toBe(0);
    });

    it.concurrent("refuses a plan that does not fit its queue any more, and moves nothing", async () => {
      const bench = await benchOf([keyed("a"), keyed("b")]);
      const plan = await bench.planned();
      const [taken] = await receive(engine.client, bench.dlqUrl, { most: 1 });
      const { code, stderr } = await bench.command(...apply(bench, plan, "--yes"));
      expect(taken).toBeDefined();
      expect([code, await visible(bench.dlqUrl)]).toEqual([1, 1]);
      expect(stderr).toMatch(line);
      expect(await countsOf(engine.client, bench.url)).toEqual(nothing);
    });

    const sources = {
      "keys.mjs#orderKey": "export const orderKey = ({ body }) => ['order', JSON.parse(body).id];",
      "keys.js": "export default ({ body }) => ['order', JSON.parse(body).id];",
      "keys.cjs#orderKey": "const all = { orderKey: ({ body }) => ['order', JSON.parse(body).id] }; module.exports = all;",
      "whole.cjs": "module.exports = ({ body }) => ['order', JSON.parse(body).id];",
      "compiled.cjs": "exports.__esModule = true; exports.default = ({ body }) => ['order', JSON.parse(body).id];",
      "keys.ts#orderKey":
        "export const orderKey = ({ body }: { body: string }): string[] => ['order', (JSON.parse(body) as { id: string }).id];",
    };
    it.concurrent("takes the handler's own key and fingerprint, from modules of each kind", async () => {
      const bench = await benchOf([{ MessageBody: '{"id":"7","note":"x"}' }]);
      await bench.put(recordOf(["order", "7"], { completedAt: Date.now() }));
      for (const [reference, source] of Object.entries(sources)) {
        writeFileSync(bench.path(reference.split("#", 1)[0] ?? ""), source);
        const plan = planIn(await bench.planned("--key-from", bench.path(reference)));
        const [entry] = plan.entries;
        expect(entry, reference).toMatchObject({ keyFrom: "custom", decision: "discard", keyHash: recordOf(["order", "7"]).id.keyHash });
      }
      const reference = bench.path("keys.mjs#orderKey");
      const plan = await bench.planned("--key-from", reference, "--fingerprint-from", reference);
      const without = await bench.command(...apply(bench, plan, "--yes"));
      expect(without.code).toBe(1);
      expect(without.stderr).toMatch(/has another keyHash than in the plan/);
      expect(await visible(bench.dlqUrl)).toBe(1);
      const withKey = await bench.command(...apply(bench, plan, "--yes", "--key-from", reference, "--fingerprint-from", reference));
      expect([withKey.code, await visible(bench.url)]).toEqual([0, 1]);
    });

    it.concurrent("frees lapsed keys of handlers that throw, where it is told to", async () => {
      const bench = await benchOf([keyed("lapsed")]);
      await bench.put(recordOf("lapsed", { status: "in_progress" }));
      const plan = await bench.planned("--on-lease-expired", "throw");
      expect(planIn(plan).entries).toMatchObject([{ record: "lapsed", decision: "release" }]);
      const throwing = ["--yes", "--on-lease-expired", "throw"];
      expect((await bench.command(...apply(bench, plan, ...throwing))).code).toBe(2);
      const freed = await bench.command(...apply(bench, plan, ...throwing, "--release-lapsed"));
      expect([freed.code, await visible(bench.url)]).toEqual([0, 1]);
      expect(freed.stdout).toContain("(--release-lapsed)");
    });
  },
  sqsEngines.filter(({ name }) => name === "MiniStack"),
);
