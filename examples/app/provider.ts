// A pretend payment provider with test cards, as the real ones have them. Its ledger counts what it did, so that anybody can
// see from outside how often it was asked (`calls`) and how often it charged (`charges`). A real provider takes a key of its
// own, which `currentExecution().deriveKey("charge")` gives; this one does not, and charges as often as it is told to.
// Environment: LEDGER_TABLE, with the partition key `reference` (S).
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { DynamoDBClient, UpdateItemCommand, type UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";

export interface Charge {
  /** What is paid for. */
  readonly reference: string;
  /** The row of the ledger where the charge is booked. Default: the reference's own. */
  readonly account?: string | undefined;
  /** `tok_visa`, `tok_slow`, `tok_flaky` and `tok_hangs` are charged in the end, each other one is declined. */
  readonly card: string;
  /** In cents. */
  readonly amount: number;
  /** With a document in its receipt, as a PDF would be. */
  readonly document?: boolean | undefined;
  /** Nothing is charged once it has aborted. */
  readonly signal: AbortSignal;
}

export interface Receipt {
  readonly reference: string;
  readonly amount: number;
  readonly card: string;
  /** Another one for each charge. */
  readonly receiptNumber: string;
  /** The Node that made the charge. */
  readonly node: string;
  /** 20 KB of base64 that no compression makes smaller. */
  readonly document?: string;
}

/** A final answer: this card will not pay. */
export class CardDeclined extends Error {
  override readonly name = "CardDeclined";
}

/** Nothing was charged; the next try may be. */
export class ProviderUnavailable extends Error {
  override readonly name = "ProviderUnavailable";
}

/**
 * Charges a card, as often as it is called.
 *
 * @throws CardDeclined, ProviderUnavailable
 */
export async function charge({ reference, account = reference, card, amount, document = false, signal }: Charge): Promise<Receipt> {
  const isFirstCall = (await countCall(reference)) === 1;
  await (behaviours[card] ?? decline)({ isFirstCall, signal });
  signal.throwIfAborted();
  await book(account, reference, amount);
  return {
    reference,
    amount,
    card,
    receiptNumber: randomUUID(),
    node: process.version,
    ...(document && { document: randomBytes(documentBytes).toString("base64") }),
  };
}

const documentBytes = 15 * 1024;

interface Call {
  readonly isFirstCall: boolean;
  readonly signal: AbortSignal;
}

/** What a card does before it is charged. */
const behaviours: Readonly<Record<string, (call: Call) => unknown>> = {
  tok_visa: () => undefined,
  tok_slow: ({ signal }) => setTimeout(2000, undefined, { signal }),
  tok_flaky({ isFirstCall }) {
    if (isFirstCall) throw new ProviderUnavailable("the provider is not available");
  },
  tok_hangs: ({ isFirstCall }) => (isFirstCall ? neverAnswer() : undefined),
};

function decline(): never {
  throw new CardDeclined("the card was declined");
}

function neverAnswer(): Promise<never> {
  return new Promise(() => {
    setInterval(() => {}, 60_000); // as an open connection would, it keeps the process from ending by itself
  });
}

// With limits of its own: the SDK's client waits for an answer for as long as the function lives. And without tries of its
// own: a charge whose answer was lost would be made again.
const dynamodb = new DynamoDBClient({
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
});

async function countCall(reference: string): Promise<number> {
  const { Attributes } = await dynamodb.send(
    new UpdateItemCommand({
      ...rowOf(reference),
      UpdateExpression: "ADD calls :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  return Number(Attributes?.["calls"]?.N);
}

async function book(account: string, reference: string, amount: number): Promise<void> {
  await dynamodb.send(
    new UpdateItemCommand({
      ...rowOf(account),
      UpdateExpression: "ADD charges :one, amount :amount SET charged = list_append(if_not_exists(charged, :none), :reference)",
      ExpressionAttributeValues: {
        ":one": { N: "1" },
        ":amount": { N: String(amount) },
        ":none": { L: [] },
        ":reference": { L: [{ S: reference }] },
      },
    }),
  );
}

function rowOf(reference: string): Pick<UpdateItemCommandInput, "TableName" | "Key"> {
  return { TableName: process.env["LEDGER_TABLE"], Key: { reference: { S: reference } } };
}
