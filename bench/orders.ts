// What handlers return in the bench: lists of orders, and a text that nothing compresses. Seeded, so that all runs and
// both libraries get the same bytes.
import { compress } from "../src/dynamodb/compression.ts";
import { seeded } from "../src/testing/random.ts";

/** The sizes of the bench's rows, in KB (1,024 bytes) of JSON. */
export const sizesKb = [0.2, 1, 4, 10, 20, 50, 100, 300] as const;
/** A result that no single item holds, in KB of JSON. */
export const hugeKb: number = 5 * 1024;

export type Content = "orders" | "random";

interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

interface Order {
  readonly id: string;
  readonly customer: string;
  readonly placedAt: string;
  readonly currency: string;
  readonly lines: readonly Line[];
  readonly note: string;
}

/** From 0 up to 1. */
type Random = () => number;

const seed = 20_260_101;
const firstNames =
  "Ada Amir Bea Chen Dana Elif Femi Greta Hugo Ines Jonas Kofi Lena Mei Nadia Omar Priya Quinn Rosa Sven Tariq Uma Vera Yuki Zoë";
const lastNames = "Abe Berg Costa Diaz Eze Fischer Garcia Haddad Ito Jansen Kaya Lund Moreau Novak Okafor Patel Rossi Silva Tanaka Weber";
const words =
  "please leave parcel with the neighbour at back door ring twice gift wrap no invoice call before delivery after six code gate blue floor third fragile";
const currencies = ["EUR", "USD", "GBP", "JPY", "SEK", "CHF"];
const skuLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const idLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
// A list of 0.2 KB is one order with one line.
const roomForTheLast = 203;

/** A list of orders whose JSON has exactly `kb` KB: the last order's note fills what is left. */
export function orderList(kb: number): readonly Order[] {
  const random = seeded(seed);
  const orders: Order[] = [];
  let left = bytesOf(kb) - "[]".length;
  for (;;) {
    const order = anOrder(random);
    const leftAfter = left - lengthOf(order) - ",".length;
    if (leftAfter < roomForTheLast) break;
    orders.push(order);
    left = leftAfter;
  }
  const last = { ...anOrder(random, 1), note: "" };
  return [...orders, { ...last, note: noteOf(random, left - lengthOf(last)) }];
}

/** A text whose JSON has exactly `kb` KB: base64 of random bytes. */
export function randomText(kb: number): string {
  const random = seeded(seed);
  const length = bytesOf(kb) - '""'.length;
  return Buffer.from(Uint8Array.from({ length }, () => Math.floor(random() * 256)))
    .toString("base64")
    .slice(0, length);
}

export function resultOf(content: Content, kb: number): unknown {
  return content === "orders" ? orderList(kb) : randomText(kb);
}

/** How many times smaller the library's compression, brotli 5, makes it. */
export async function brotliRatio(value: unknown): Promise<number> {
  const json = Buffer.from(JSON.stringify(value));
  return json.length / (await compress(json)).length;
}

function lengthOf(order: Order): number {
  return Buffer.byteLength(JSON.stringify(order));
}

function bytesOf(kb: number): number {
  return Math.round(kb * 1024);
}

function anOrder(random: Random, lineCount: number = 1 + whole(random, 3)): Order {
  return {
    id: `ord_${letters(random, idLetters, 20)}`,
    customer: `${pick(random, firstNames.split(" "))} ${pick(random, lastNames.split(" "))}`,
    placedAt: new Date(Date.UTC(2026, 0, 1) + whole(random, 31_536_000_000)).toISOString(),
    currency: pick(random, currencies),
    lines: Array.from({ length: lineCount }, () => ({
      sku: `${letters(random, skuLetters, 2)}-${10_000 + whole(random, 90_000)}-${letters(random, skuLetters, 1)}`,
      quantity: 1 + whole(random, 12),
      unitPrice: (100 + whole(random, 49_900)) / 100,
    })),
    note: random() < 0.3 ? noteOf(random, 10 + whole(random, 50)) : "",
  };
}

function noteOf(random: Random, length: number): string {
  let note = "";
  while (note.length < length) note += `${pick(random, words.split(" "))} `;
  return note.slice(0, length);
}

function letters(random: Random, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[whole(random, alphabet.length)]).join("");
}

function pick(random: Random, list: readonly string[]): string {
  return list[whole(random, list.length)] ?? "";
}

function whole(random: Random, below: number): number {
  return Math.floor(random() * below);
}
