// Who charges cards, and the book of it. It knows of no keys: what it is asked twice, it charges twice.
import { setTimeout as sleep } from "node:timers/promises";

export interface Charge {
  readonly id: string;
  readonly customer: string;
  /** Cents. */
  readonly amount: number;
  readonly at: string;
}

export interface Provider {
  charge(customer: string, amount: number): Promise<Charge>;
  ledger(): readonly Charge[];
}

/** Long enough for the next click to come in between. */
const chargeMs = 300;

export function openProvider(): Provider {
  const book: Charge[] = [];
  return {
    async charge(customer, amount) {
      await sleep(chargeMs);
      const charge = { id: `ch_${book.length + 1}`, customer, amount, at: new Date().toISOString() };
      book.push(charge);
      return charge;
    },
    ledger: () => book,
  };
}
