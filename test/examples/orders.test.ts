import { execFile } from "node:child_process";
import { describe, expect, test } from "vitest";
import { findMinistack } from "../engines/ministack.ts";

interface Ended {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function example(env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { FORCE_COLOR: _, IDEMPOTENCY_DISABLED: __, ...inherited } = process.env;
  const args = ["--conditions=lambda-once:source", "examples/orders/main.ts"];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...inherited, ...env }, timeout: 55_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

/** What its tables say, by the first cell of each row; the lines of a cell are joined. */
function cells(stdout: string): Record<string, string[]> {
  const rows = stdout.split(/[├└┌][─┼┴┬]+[┤┘┐]\n/).map((row) => row.split("\n").map((line) => line.split("│").map((cell) => cell.trim())));
  const joined = rows.map((lines) =>
    [1, 2, 3].map((column) =>
      lines
        .map((line) => line[column] ?? "")
        .join(" ")
        .trim(),
    ),
  );
  return Object.fromEntries(joined.map(([first = "", ...rest]) => [first, rest.filter((cell) => cell !== "")]));
}

describe.skipIf("missing" in findMinistack())("the orders example (MiniStack)", () => {
  test("an API that is asked twice, or dies once it has sent, and messages delivered twice: each order once", async () => {
    const { status, stdout, stderr } = await example();
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const found = cells(stdout);
    expect(found["the same request twice"]).toEqual([expect.stringMatching(/^(202 order \S+) \1$/), "1"]);
    const retried = /^the environment died (409 IN_PROGRESS )+202 order \S+$/;
    expect(found["the API dies after it sent, the client retries"]).toEqual([expect.stringMatching(retried), "3"]);
    expect(found).toMatchObject({
      "deliveries of messages": [expect.stringMatching(/^([6-9]|1\d)$/)], // a busy machine may time out, and more come
      'completed records of "place-order"': ["2"],
      'completed records of "fulfil-order"': ["2"],
      "messages left in the queue": ["0"],
      "messages in its dead-letter queue": ["0"],
      "mugs sold, as the stock table says": ["3"],
    });
    expect(stdout).toContain("✓ 3 mugs ordered, 3 sold: each order once.");
  });

  test("without protection it sells more, and exits 1", async () => {
    const { status, stdout } = await example({ IDEMPOTENCY_DISABLED: "1" });
    expect(status).toBe(1);
    expect(Number(cells(stdout)["mugs sold, as the stock table says"])).toBeGreaterThan(3);
  });
});
