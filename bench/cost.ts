// Requests and request units of a call, on DynamoDB Local: both libraries through the same meter, in turn.
import { isDeepStrictEqual } from "node:util";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { cached } from "../src/cache/cached.ts";
import { type Changes, type Library, libraries, type LibraryName, ourLibrary, type Table } from "./libraries.ts";
import { type Bill, meter } from "./meter.ts";
import { brotliRatio, type Content, hugeKb, resultOf, sizesKb } from "./orders.ts";

/** `busy`: refused, since the first run is under way. `hot`: a replay in the environment that ran or has replayed it. */
export type CostPath = "fresh" | "replay" | "busy" | "hot";

export interface CostRow extends Bill {
  readonly library: LibraryName;
  readonly path: CostPath;
  readonly content: Content;
  readonly kb: number;
}

/** How many times smaller brotli makes the results of a row. */
export interface Compressibility {
  readonly content: Content;
  readonly kb: number;
  readonly ratio: number;
}

/** What becomes of a result that no item holds. */
export interface HugeResult {
  readonly library: LibraryName;
  readonly kb: number;
  /** What the first caller gets: the result, or this error after the effect. */
  readonly firstError: string | undefined;
  /** What the duplicate gets: the same result, or this. */
  readonly duplicateError: string | undefined;
  readonly runs: number;
}

export interface CostResults {
  readonly rows: readonly CostRow[];
  readonly compressibility: readonly Compressibility[];
  readonly huge: readonly HugeResult[];
}

/** A library on a table of its own, behind a meter. */
export interface Bench {
  readonly library: Library;
  readonly table: Table;
  /** What was sent since it was last asked. */
  bill(): Bill;
}

const names = ["ours", "peer"] as const;
const contents = ["orders", "random"] as const;

/** Measures all rows; quickly: only what a bar needs. */
export async function measureCost(endpoint: string, changes: Changes = {}, quick: boolean = false): Promise<CostResults> {
  const bench: Readonly<Record<LibraryName, Bench>> = {
    ours: await openBench(endpoint, ourLibrary(changes)),
    peer: await openBench(endpoint, libraries.peer),
  };
  const hot = await openBench(endpoint, ourLibrary({ ...changes, cache: cached }));
  const rows: CostRow[] = [];
  const compressibility: Compressibility[] = [];
  for (const content of quick ? (["orders"] as const) : contents)
    for (const kb of sizesKb) {
      const result = resultOf(content, kb);
      compressibility.push({ content, kb, ratio: await brotliRatio(result) });
      for (const library of names) {
        const [fresh, replay] = await billsOf(bench[library], result);
        rows.push({ library, path: "fresh", content, kb, ...fresh }, { library, path: "replay", content, kb, ...replay });
      }
      const [, replay] = await billsOf(hot, result);
      rows.push({ library: "ours", path: "hot", content, kb, ...replay });
    }
  for (const library of names) rows.push({ library, path: "busy", content: "orders", kb: 0, ...(await busy(bench[library])) });
  if (!quick) {
    for (const content of contents) {
      const result = resultOf(content, hugeKb);
      const [fresh, replay] = await billsOf(bench.ours, result);
      rows.push({ library: "ours", path: "fresh", content, kb: hugeKb, ...fresh });
      rows.push({ library: "ours", path: "replay", content, kb: hugeKb, ...replay });
      compressibility.push({ content, kb: hugeKb, ratio: await brotliRatio(result) });
    }
  }
  const huge: HugeResult[] = [];
  for (const library of names) huge.push(await deliverHuge(library, bench[library]));
  for (const { table } of [bench.ours, bench.peer, hot]) table.client.destroy();
  return { rows, compressibility, huge };
}

export async function openBench(endpoint: string, library: Library): Promise<Bench> {
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "bench", secretAccessKey: "bench" } });
  const tableName = `bench-${crypto.randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: library.keyNames.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: library.keyNames.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? "HASH" : "RANGE" })),
    }),
  );
  return { library, table: { client, tableName }, bill: meter(client) };
}

/** The bills of a fresh call and of its replay. */
export async function billsOf({ library, table, bill }: Bench, result: unknown): Promise<readonly [Bill, Bill]> {
  const deliver = library.wrap(() => result, table);
  const orderId = crypto.randomUUID();
  bill();
  const bills: Bill[] = [];
  for (let delivery = 0; delivery < 2; delivery++) {
    if (!isDeepStrictEqual(await deliver(orderId), result)) throw new Error("a delivery got another result than the handler's");
    bills.push(bill());
  }
  const [fresh, replay] = bills as [Bill, Bill];
  return [fresh, replay];
}

async function busy({ library, table, bill }: Bench): Promise<Bill> {
  const orderId = crypto.randomUUID();
  let counted: Bill | undefined;
  const deliver = library.wrap(async () => {
    bill();
    await deliver(orderId).catch(() => {});
    counted = bill();
  }, table);
  await deliver(orderId);
  if (counted === undefined) throw new Error("nothing ran");
  return counted;
}

async function deliverHuge(name: LibraryName, { library, table }: Bench): Promise<HugeResult> {
  const result = resultOf("orders", hugeKb);
  const orderId = crypto.randomUUID();
  let runs = 0;
  const deliver = library.wrap(() => {
    runs++;
    return result;
  }, table);
  const errors: (string | undefined)[] = [];
  for (let delivery = 0; delivery < 2; delivery++)
    errors.push(
      await deliver(orderId).then(
        (answer) => (isDeepStrictEqual(answer, result) ? undefined : "another result"),
        (error: unknown) => describe(error),
      ),
    );
  return { library: name, kb: hugeKb, firstError: errors[0], duplicateError: errors[1], runs };
}

function describe(error: unknown): string {
  const { name, cause } = error as Error;
  return cause instanceof Error ? `${name}: ${cause.message}` : name;
}
