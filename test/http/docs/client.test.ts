// The client's function of docs/http.md, against APIs that answer late, badly or not at all.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { dynamodbStore } from "../../../src/dynamodb/index.ts";
import { startEmbedded } from "../../engines/embedded.ts";
import { type Engine, root } from "../../engines/engine.ts";
import { clientOf, freshTable } from "../../support/table.ts";
import { routesOf } from "./apis.ts";
import { type Bank, openBank } from "./bank.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { type Network, openNetwork } from "./network.ts";
import { page } from "./page.ts";

type SendOnce = (url: string, body: unknown, key: string, tries?: number) => Promise<Response>;

let folder: string;
let sendOnce: SendOnce;
let engine: Engine;
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  const [, snippet = ""] = /```ts\n((?:(?!```)[\s\S])*export async function sendOnce[\s\S]*?)```/.exec(readFileSync(page, "utf8")) ?? [];
  mkdirSync(join(root, ".packed"), { recursive: true });
  folder = mkdtempSync(join(root, ".packed/http-client-"));
  writeFileSync(join(folder, "client.ts"), snippet);
  ({ sendOnce } = (await import(join(folder, "client.ts"))) as { sendOnce: SendOnce });
  engine = await startEmbedded();
  dynamodb = clientOf(engine.endpoint);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  dynamodb.destroy();
  await engine.stop();
});

let bank: Bank;
let gateway: Gateway;
let network: Network;
/** What the client waited between its tries, milliseconds. */
let waits: number[];
/** What happens while it waits. */
let meanwhile: () => void | Promise<void>;
beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {}); // what the functions log of their refusals
  bank = openBank();
  const store = dynamodbStore({ client: dynamodb, tableName: await freshTable(dynamodb) });
  gateway = await openGateway(routesOf(store, bank), "customer-7");
  network = await openNetwork(gateway.url);
  waits = [];
  meanwhile = () => {};
  const { setTimeout: real } = globalThis;
  const wake = async (done: () => void) => {
    await meanwhile();
    done();
  };
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((done: () => void, ms?: number) => {
    if (new Error().stack?.includes(folder) !== true) return real(done, ms);
    waits.push(ms ?? 0);
    return real(() => void wake(done), 1);
  }) as typeof setTimeout);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await network.close();
  await gateway.close();
});

const send = (path: string, amount = 5, tries?: number) => sendOnce(network.url + path, { amount }, "k-1", tries);
const said = async (answer: Response) => ({
  status: answer.status,
  is: answer.headers.get("idempotency-status"),
  body: (await answer.json()) as unknown,
});
const paid = { status: 201, body: { id: "pay_1", amount: 5 } };

describe("it gets the answer, and pays once", () => {
  it.for([
    { what: "at once", fates: [], is: "created", tries: 1 },
    { what: "after answers that were lost", fates: ["lost", "lost", "lost"] as const, is: "replayed", tries: 4 },
  ])("$what", async ({ fates, is, tries }) => {
    network.fates.push(...fates);
    expect(await said(await send("/payments"))).toEqual({ ...paid, is });
    expect(bank.charges).toBe(1);
    expect(network.sent).toEqual(Array.from({ length: tries }, () => ({ key: "k-1", body: '{"amount":5}' })));
  });

  it("while another tab's request runs; it waits as long as it is told to, at least", async () => {
    const stopped = bank.stopNext();
    const first = send("/payments");
    await stopped.reached;
    meanwhile = async () => {
      stopped.open();
      await first;
    };
    expect(await said(await send("/payments"))).toEqual({ ...paid, is: "replayed" });
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(10_000);
    expect(bank.charges).toBe(1);
  });

  it.for(["away", "busy"] as const)("once the bank, which was %s, is well again", async (mood) => {
    bank.mood = mood;
    meanwhile = () => void (bank.mood = "well");
    expect(await said(await send("/payments"))).toEqual({ ...paid, is: "created" });
    if (mood === "busy") expect(waits[0]).toBeGreaterThanOrEqual(2000);
  });

  it("of the run that took the place of its own, and waits no month for it", async () => {
    network.fates.push("stale");
    expect(await said(await send("/payments"))).toEqual({ ...paid, is: "replayed" });
    expect(waits[0]).toBeLessThan(2 * 3_600_000);
  });

  it("a refusal that was cut off is asked for again", async () => {
    await send("/payments");
    network.fates.push("cut off");
    expect(await said(await send("/payments", 6))).toMatchObject({ status: 422 });
    expect(waits).toHaveLength(1);
  });
});

describe("it gives back at once what no try changes", () => {
  it.for([
    { path: "/payments", amount: 5000, status: 402, code: undefined },
    { path: "/refunds", amount: 5, status: 400, code: "idempotency_key_invalid" },
    { path: "/donations", amount: 5, status: 500, code: "idempotency_scope_unresolved" },
  ])("$path, $status", async ({ path, amount, status, code }) => {
    const answer = await said(await send(path, amount));
    expect(answer.status).toBe(status);
    expect((answer.body as { code?: string }).code).toBe(code);
    expect(network.sent).toHaveLength(1);
  });

  it("an outcome that is uncertain, first and after", async () => {
    bank.mood = "silent";
    expect(await said(await send("/transfers"))).toMatchObject({ status: 504, is: "uncertain" });
    bank.mood = "well";
    expect(await said(await send("/transfers"))).toMatchObject({ status: 409, is: "uncertain" });
    expect(network.sent).toHaveLength(2);
    expect(bank.charges).toBe(0);
  });
});

it("gives up after its tries, with jitter that grows between them, and a later call goes on under the same key", async () => {
  network.fates.push("lost", "lost", "lost");
  vi.spyOn(Math, "random").mockReturnValueOnce(0).mockReturnValueOnce(0.5);
  await expect(send("/payments", 5, 3)).rejects.toThrow("the outcome is not known");
  expect(waits).toEqual([0, 1000]);
  expect(await said(await send("/payments"))).toEqual({ ...paid, is: "replayed" });
  expect(bank.charges).toBe(1);
});
