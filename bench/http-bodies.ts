// Bodies of requests, by content and size: what clients send, and what somebody could send to keep a server busy.
import { orderList } from "./orders.ts";

export const bodySizesKb: readonly number[] = [1, 10, 100, 1024, 10_240];

export const bodyNames = [
  "orders",
  "one string",
  "numbers",
  "one number of zeros",
  "escapes",
  "one member again and again",
  "no JSON",
] as const;
export type BodyName = (typeof bodyNames)[number];

const makers: Readonly<Record<BodyName, (bytes: number) => string>> = {
  orders: (bytes) => JSON.stringify(orderList(bytes / 1024)),
  "one string": (bytes) => JSON.stringify("x".repeat(bytes - 2)),
  numbers: (bytes) => list(bytes, (i) => String((i % 1000) / 10)),
  "one number of zeros": (bytes) => `[1.${"0".repeat(bytes - 4)}]`,
  escapes: (bytes) => `"${"\\n".repeat(bytes / 2 - 1)}"`,
  "one member again and again": (bytes) => `{${list(bytes, () => '"a":1').slice(1, -1)}}`,
  "no JSON": (bytes) => "x".repeat(bytes),
};

export function bodyOf(name: BodyName, kb: number): Buffer {
  return Buffer.from(makers[name](kb * 1024));
}

function list(bytes: number, item: (i: number) => string): string {
  const items: string[] = [];
  for (let [i, length] = [0, 2]; ; i++) {
    const next = item(i);
    length += next.length + 1;
    if (length > bytes) return `[${items.join(",")}]`;
    items.push(next);
  }
}
