// A client that sends nothing: it answers at once, as DynamoDB would answer a fresh key or a finished one.
import { type AttributeValue, ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";

type Item = Record<string, AttributeValue>;

/** The parts of the commands that the two libraries send. */
interface Input {
  readonly TableName?: string;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
  readonly RequestItems?: Readonly<Record<string, { readonly Keys: readonly Item[] }>>;
}

/** Every write is applied, nothing is kept. */
export function freshClient(): DynamoDBClient {
  return clientThat(() => ({}));
}

/** Keeps what one call writes; `replay` is then a client that refuses that call's put and reads its items. */
export function recordingClient(keyNames: readonly string[]): { readonly client: DynamoDBClient; replay(): DynamoDBClient } {
  const items = new Map<string, Item>();
  const nameOf = (item: Item = {}): string => keyNames.map((name) => item[name]?.S).join("\n");
  const found = (key: Item | undefined): Item => items.get(nameOf(key)) ?? {};
  return {
    client: clientThat(({ Item, Key, ...input }) => {
      if (Item !== undefined) items.set(nameOf(Item), Item);
      if (Key !== undefined) items.set(nameOf(Key), { ...found(Key), ...assigned(input) });
      return {};
    }),
    replay() {
      for (const [name, item] of items) items.set(name, parsed(item));
      // Made once: what the SDK spends on an error is not its callers' time.
      const refusals = new Map([...items].map(([name, item]) => [name, refusedBy(item)]));
      return clientThat(({ Item, Key, RequestItems }) => {
        if (Item !== undefined) throw refusals.get(nameOf(Item)) ?? new Error("nothing was recorded under this key");
        if (Key !== undefined) return { Item: found(Key) };
        const responses = Object.entries(RequestItems ?? {}).map(([table, { Keys }]) => [table, Keys.map(found)] as const);
        return { Responses: Object.fromEntries(responses), UnprocessedKeys: {} };
      });
    },
  };
}

function clientThat(answer: (input: Input) => object): DynamoDBClient {
  const client = new DynamoDBClient({ region: "us-east-1", credentials: { accessKeyId: "bench", secretAccessKey: "bench" } });
  // The one method that either library calls. A real client otherwise, since one of them asks what it is given.
  client.send = async ({ input }: { readonly input: Input }) => answer(input);
  return client;
}

// Objects as they come out of a parsed answer: what a library has made itself may be laid out better, or worse, for it.
function parsed(item: Item): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, value.B === undefined ? copyOf(value) : value]));
}

function copyOf(value: AttributeValue): AttributeValue {
  return JSON.parse(JSON.stringify(value)) as AttributeValue;
}

function refusedBy(Item: Item): ConditionalCheckFailedException {
  return new ConditionalCheckFailedException({ message: "The conditional request failed", $metadata: {}, Item });
}

/** What an update's `SET #name = :value, …` assigns. */
function assigned({ UpdateExpression = "", ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Input): Item {
  const pairs = [...UpdateExpression.matchAll(/(#\w+) = (:\w+)/g)].map(
    ([, name = "", value = ""]) => [names[name], values[value]] as const,
  );
  return Object.fromEntries(pairs) as Item;
}
