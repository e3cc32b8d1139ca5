// What is written where, by whom, and to the end; and that the end comes.
import { existsSync, openSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it, vi } from "vitest";
import { toItem } from "../../src/dynamodb/item.ts";
import type { RedrivePlan } from "../../src/redrive/index.ts";
import { keyed } from "../redrive/orders.ts";
import { countsOf, sqsEngines } from "../support/queues.ts";
import { describeOnSqs } from "../support/sqs-suites.ts";
import { suiteDynamodb } from "../support/suite-dynamodb.ts";
import { freshTable } from "../support/table.ts";
import { endOf, endpointOf, environment, nodeArgs, nowhere, run, start } from "./command.ts";
import { benches, recordOf } from "./redrive-suite.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Prints, and has a timer and a server, which keep a process alive. */
const talkative = `
  import { createServer } from "node:http";
  setInterval(() => {}, 1000);
  createServer().listen(0);
  console.log("loaded");
  export default ({ body }) => {
    process.stdout.write("asked for the key of " + body + "\\n");
    return body;
  };`;

describeOnSqs(
  "redrive",
  (engine) => {
    const benchOf = benches(engine);

    it.concurrent("has only its own JSON on stdout, and ends when its work is done, whatever a key module prints and leaves open", async () => {
      const bench = await benchOf([keyed("a"), keyed("b")]);
      const keys = bench.path("keys.mjs");
      writeFileSync(keys, talkative);
      const plan = await bench.command("redrive", "plan", "--dlq", bench.dlqUrl, "--operation", "orders", "--key-from", keys, "--json");
      expect((JSON.parse(plan.stdout) as RedrivePlan).entries).toHaveLength(2);
      expect([plan.code, [...new Set(plan.stderr.split("\n"))].toSorted()]).toEqual([
        0,
        ["", "asked for the key of a", "asked for the key of b", "loaded"],
      ]);
      const path = await bench.planned("--key-from", keys);
      const apply = ["redrive", "apply", "--plan", path, "--journal", bench.path("journal"), "--key-from", keys, "--yes", "--json"];
      const applied = await bench.command(...apply);
      expect([applied.code, JSON.parse(applied.stdout)]).toMatchObject([0, { redriven: 2 }]);
    });

    it.concurrent.for([
      ["done", 0, 1],
      ["left", 2, 0],
    ] as const)(
      "does its work to the end where nobody reads what it prints, and ends with the code of that: %s",
      async ([, code, moved]) => {
        const bench = await benchOf([keyed("a")]);
        if (code === 2) await bench.put(recordOf("a", { status: "held" }));
        const path = await bench.planned();
        const { child, ended } = start(["redrive", "apply", "--plan", path, "--journal", bench.path("journal"), "--yes"], bench.env);
        child.stdout?.destroy();
        child.stderr?.destroy();
        expect((await ended).code).toBe(code);
        expect((await countsOf(engine.client, bench.url)).visible).toBe(moved);
      },
    );
  },
  sqsEngines.filter(({ name }) => name === "MiniStack"),
);

describe("what is printed", () => {
  const dynamodb = suiteDynamodb();

  it("is all there, also where it is more than a pipe holds and is read late", async () => {
    const table = await freshTable(dynamodb());
    const message = "x".repeat(300_000);
    for (const key of ["a", "b", "c", "d"]) {
      const record = recordOf(key, { status: "failed", error: { name: "Error", message } });
      await dynamodb().send(new PutItemCommand({ TableName: table, Item: toItem(record) }));
    }
    const endpoint = await endpointOf(dynamodb());
    const env = { ...environment({ sqs: endpoint, dynamodb: endpoint }), IDEMPOTENCY_TABLE: table };
    const { stdout, code } = await run(["list", "orders", "--json"], env);
    expect([code, (JSON.parse(stdout) as { error: { message: string } }[]).map(({ error }) => error.message)]).toEqual([
      0,
      [message, message, message, message],
    ]);
  });

  it("is no failure where nobody reads it", async () => {
    const { child, ended } = start(["redrive", "apply", "--help"], nowhere);
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });

  it.skipIf(!existsSync("/dev/full"))("is a failure where it cannot be written", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [...nodeArgs, "--help"], { env: nowhere, stdio: ["ignore", full, "pipe"] });
    const { code, stderr } = await endOf(child);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^lambda-once: ENOSPC[^\n]*\n$/);
  });
});
