import type { ExpectIdempotentOptions, MakeHandler } from "../../../../src/testing/expect/expect-idempotent.ts";

export interface Order {
  readonly id: string;
  readonly amount: number;
}

/** What is charged in a sample. */
export type Charges = { readonly id: string; readonly amount: number }[];

/** A handler with what `expectIdempotent` is to watch of it. */
export interface Sample {
  readonly makeHandler: MakeHandler;
  readonly options: ExpectIdempotentOptions;
}

export const events: readonly Order[] = [
  { id: "order-1", amount: 5 },
  { id: "order-2", amount: 7 },
];

/** A sample whose effects are its charges. */
export function charging(make: (charges: Charges) => MakeHandler): () => Sample {
  return () => {
    const charges: Charges = [];
    return { makeHandler: make(charges), options: { events, effects: () => charges } };
  };
}
