// The ledger of the example app's pretended provider, as it is read from outside.
import { type AttributeValue, type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

/** A row of the ledger: how often the provider was asked, and how often it charged. What is not there is 0 or empty. */
export interface Ledger {
  readonly calls: number;
  readonly charges: number;
  readonly amount: number;
  /** In their order. */
  readonly charged: readonly string[];
}

export async function ledgerIn(client: DynamoDBClient, TableName: string, reference: string): Promise<Ledger> {
  const Key = { reference: { S: reference } };
  const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return ledgerOf(Item);
}

export function ledgerOf(item: Readonly<Record<string, AttributeValue>>): Ledger {
  const number = (name: string) => Number(item[name]?.N ?? 0);
  const charged = (item["charged"]?.L ?? []).map(({ S = "" }) => S);
  return { calls: number("calls"), charges: number("charges"), amount: number("amount"), charged };
}
