// What the handlers do to the world outside: none of it can be taken back, and none of it knows of the table.

/** Effects, counted. */
export type Tally = Readonly<Record<"charges" | "emails" | "units" | "points", number>>;

/** The line between a handler and the outside; a scenario decides what happens on it. */
export interface Line {
  /** Before the effect. `call` names it and what it is about: `charge customer-7`, `take lamp`. */
  request?: (call: string) => Promise<unknown> | void;
  /** After the effect, before its answer is heard. */
  reply?: (call: string) => Promise<unknown> | void;
}

export interface Shop {
  line: Line;
  /** The card is charged; answers the charge's id. */
  charge(customer: string, amount: number): Promise<string>;
  email(to: string, subject: string): Promise<void>;
  /** Takes units out of stock; answers what is left. */
  take(sku: string, quantity: number): Promise<number>;
  /** The loyalty provider credits points, once per idempotency key: it dedupes by itself. */
  credit(customer: string, points: number, idempotencyKey: string): Promise<void>;
  tally(): Tally;
}

const fullStock = 100;
const goods = ["lamp", "shade"];

export function openShop(): Shop {
  const ledger: { readonly id: string; readonly customer: string; readonly amount: number }[] = [];
  const outbox: { readonly to: string; readonly subject: string }[] = [];
  const stock = new Map(goods.map((sku) => [sku, fullStock]));
  const credits = new Map<string, { readonly customer: string; readonly points: number }>();

  async function call<T>(name: string, effect: () => T): Promise<T> {
    await shop.line.request?.(name);
    const answer = effect();
    await shop.line.reply?.(name);
    return answer;
  }

  const shop: Shop = {
    line: {},
    charge: (customer, amount) =>
      call(`charge ${customer}`, () => {
        const id = `ch_${ledger.length + 1}`;
        ledger.push({ id, customer, amount });
        return id;
      }),
    email: (to, subject) => call(`email ${to}`, () => void outbox.push({ to, subject })),
    take: (sku, quantity) =>
      call(`take ${sku}`, () => {
        const left = (stock.get(sku) ?? 0) - quantity;
        stock.set(sku, left);
        return left;
      }),
    credit: (customer, points, idempotencyKey) => call(`credit ${customer}`, () => void credits.set(idempotencyKey, { customer, points })),
    tally: () => ({
      charges: ledger.length,
      emails: outbox.length,
      units: goods.length * fullStock - sum([...stock.values()]),
      points: sum([...credits.values()].map(({ points }) => points)),
    }),
  };
  return shop;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
