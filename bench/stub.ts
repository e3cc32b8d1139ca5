// Clients that send nothing: they answer at once, or later, as DynamoDB would answer a fresh key or a finished one.
import { setTimeout } from "node:timers/promises";
import { type AttributeValue, ConditionalCheckFailedException, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";

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

interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

const config = { region: "us-east-1", credentials: { accessKeyId: "bench", secretAccessKey: "bench" } };

/** Every write is applied, nothing is kept. */
export function freshClient(): DynamoDBClient {
  return clientThat(() => ({}));
}

/** Keeps what one call writes; `replay` is then a client that refuses that call's put and reads its items. */
export function recordingClient(keyNames: readonly string[]): { readonly client: DynamoDBClient; replay(): Promise<DynamoDBClient> } {
  const items = new Map<string, Item>();
  const nameOf = (item: Item = {}): string => keyNames.map((name) => item[name]?.S).join("\n");
  const found = (key: Item | undefined): Item => items.get(nameOf(key)) ?? {};
  return {
    client: clientThat(({ Item, Key, ...input }) => {
      if (Item !== undefined) items.set(nameOf(Item), Item);
      if (Key !== undefined) items.set(nameOf(Key), { ...found(Key), ...assigned(input) });
      return {};
    }),
    async replay() {
      for (const [name, item] of await asRead([...items])) items.set(name, item);
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

/** The same, each answer this much later. */
export function delayed(client: DynamoDBClient, delayMs: number): DynamoDBClient {
  if (delayMs === 0) return client;
  const answerAtOnce = client.send.bind(client) as (command: object) => Promise<object>;
  const slow = new DynamoDBClient(config);
  slow.send = async (command: object) => {
    await setTimeout(delayMs);
    return answerAtOnce(command);
  };
  return slow;
}

/** A queue that changes whatever is asked, each answer this much later. */
export function sqsClient(delayMs: number): SQSClient {
  const client = new SQSClient(config);
  client.send = async () => {
    if (delayMs > 0) await setTimeout(delayMs);
    return { QueueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/orders", Failed: [] };
  };
  return client;
}

function clientThat(answer: (input: Input) => object): DynamoDBClient {
  const client = new DynamoDBClient(config);
  // The one method that either library calls. A real client otherwise, since one of them asks what it is given.
  client.send = async ({ input }: { readonly input: Input }) => answer(input);
  return client;
}

// Items as the SDK reads them from an answer: what a library has made itself is laid out otherwise, which a library that
// walks through it feels.
async function asRead(items: readonly (readonly [name: string, item: Item])[]): Promise<readonly (readonly [string, Item])[]> {
  let answer: Item = {};
  const client = new DynamoDBClient({ ...config, requestHandler: { handle: async () => ({ response: answerWith(answer) }) } });
  const all: (readonly [string, Item])[] = [];
  for (const [name, item] of items) {
    answer = item;
    const { Item: read } = await client.send(new GetItemCommand({ TableName: "bench", Key: { pk: { S: "any" } } }));
    if (read === undefined) throw new Error("the SDK read no item");
    all.push([name, read]);
  }
  return all;
}

function answerWith(Item: Item): HttpResponse {
  return {
    statusCode: 200,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: Buffer.from(JSON.stringify({ Item: inJson(Item) })),
  };
}

// Only a result of ours is binary, and that is no member of a map or list.
function inJson(item: Item): object {
  return Object.fromEntries(
    Object.entries(item).map(([name, { B, ...value }]) => [name, B === undefined ? value : { B: Buffer.from(B).toString("base64") }]),
  );
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
