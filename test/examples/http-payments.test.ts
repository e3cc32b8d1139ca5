// A person at the page: a real browser, on the example as `npm run example:http` starts it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { findChromium } from "../engines/chromium.ts";

interface Ended {
  readonly code: unknown;
  readonly stderr: string;
}

interface Example {
  /** The first line that it says; where it ends before, what is wrong. */
  readonly said: Promise<string>;
  readonly ended: Promise<Ended>;
  interrupt(): void;
}

/** The example in a process of its own, which does not outlive the test. */
function startExample(env: NodeJS.ProcessEnv): Example {
  const { IDEMPOTENCY_DISABLED: _, ...inherited } = process.env;
  const args = ["--conditions=lambda-once:source", "examples/http-payments/main.ts"];
  const child = spawn(process.execPath, args, { env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  onTestFinished(() => {
    process.off("exit", kill);
    kill();
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, "close").then(([code]): Ended => ({ code, stderr }));
  const line = once(createInterface({ input: child.stdout }), "line").then(([line]) => String(line));
  return { said: Promise.race([line, ended.then(({ stderr }) => stderr)]), ended, interrupt: () => void child.kill("SIGINT") };
}

async function urlOf(example: Example): Promise<string> {
  const said = await example.said;
  const url = /^http:\S+/.exec(said)?.[0];
  if (url === undefined) throw new Error(`the example did not start: ${said}`);
  return url;
}

test("the example says where its page is, names a port that is taken, and ends at Ctrl-C once a charge under way is made", async () => {
  const example = startExample({ PORT: "0" });
  const url = await urlOf(example);
  const other = startExample({ PORT: new URL(url).port });
  expect(await other.ended).toEqual({ code: 1, stderr: expect.stringMatching(/^example:http: listen EADDRINUSE: .* PORT\)\n$/) });
  const paid = fetch(`${url}/payments`, { method: "POST", headers: { "idempotency-key": "a" }, body: '{"amount":1}' });
  // Its turn comes after that of the payment, which is under way then.
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
  example.interrupt();
  expect([(await paid).status, await example.ended]).toEqual([201, { code: 0, stderr: "" }]);
});

const found = findChromium();

describe.skipIf("missing" in found)("the page of the HTTP example (Chromium)", () => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    // As root there is no sandbox; it reads nothing but our own page.
    browser = await chromium.launch({ executablePath: "executable" in found ? found.executable : "", args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());

  /** The page, as somebody has just opened it. */
  async function open(env: NodeJS.ProcessEnv = {}): Promise<Page> {
    const url = await urlOf(startExample({ PORT: "0", ...env }));
    const page = await browser!.newPage();
    onTestFinished(() => page.close());
    await page.goto(url);
    return page;
  }

  /** Clicks with the mouse, as fast as it can, and waits until each press has its last answer. */
  async function pay(page: Page, clicks = 1): Promise<void> {
    const before = Number(/\d+/.exec((await page.locator("#sent").textContent()) ?? "")?.[0]);
    await page.locator("#pay").click({ clickCount: clicks });
    await page.locator("#sent", { hasText: new RegExp(`^presses: ${before + clicks}, requests: \\d+, under way: 0$`) }).waitFor();
  }

  /** The cells of a table in the page. */
  async function cells(page: Page, table: "ledger" | "log"): Promise<string[][]> {
    const rows = await page.locator(`#${table} tbody tr`).all();
    return Promise.all(rows.map((row) => row.locator("td").allTextContents()));
  }

  /** The log, the oldest first: status, code, Idempotency-Status, Idempotent-Replayed. */
  async function answers(page: Page): Promise<string[]> {
    const rows = await cells(page, "log");
    return rows.toReversed().map((row) => row.slice(3, 7).join(" ").trim());
  }

  const charge = (n: number, amount: string): unknown[] => [`ch_${n}`, "customer-7", `${amount} EUR`, expect.anything()];
  const created = "201  created";
  const replayed = "201  replayed true";

  test("ten clicks at once are one charge, and each gets its answer; a new payment is a second one", async () => {
    const page = await open();
    await pay(page, 10);
    expect(await cells(page, "ledger")).toEqual([charge(1, "52.00")]);
    const conflict = "409 idempotency_in_progress conflict";
    expect((await answers(page)).filter((answer) => answer !== conflict)).toEqual([created, ...Array<string>(9).fill(replayed)]);

    await page.locator("#new").click();
    await page.locator("#amount").fill("7.50");
    await pay(page);
    expect(await cells(page, "ledger")).toEqual([charge(2, "7.50"), charge(1, "52.00")]);
    expect(await page.locator("#sum").textContent()).toBe("2 charges, 59.50 EUR");
  });

  test("where the answer is lost the page asks again, with the same key, and gets the first one's answer", async () => {
    const page = await open();
    await page.getByRole("switch").check();
    await pay(page);
    expect([await answers(page), await cells(page, "ledger")]).toEqual([["no answer", replayed], [charge(1, "52.00")]]);
    expect(await page.getByRole("status").textContent()).toBe("Paid: 52.00 EUR, charge ch_1.");
  });

  test("a payment keeps its key when the page is loaded again; another amount needs a new one", async () => {
    const page = await open();
    await pay(page);
    await page.reload();
    await pay(page);
    expect(await answers(page)).toEqual([replayed]);
    await page.locator("#amount").fill("53");
    await pay(page);
    expect((await answers(page)).at(-1)).toBe("422 idempotency_key_reused mismatch");
    expect(await cells(page, "ledger")).toEqual([charge(1, "52.00")]);
  });

  test("without protection the same ten clicks are ten charges", async () => {
    const page = await open({ IDEMPOTENCY_DISABLED: "1" });
    await pay(page, 10);
    expect(await cells(page, "ledger")).toHaveLength(10);
  });
});
