import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resultSortKey } from "../../src/dynamodb/table.ts";
import type { CallName, Faults } from "./faults.ts";
import { bodyOf, forward, type Reply } from "./forward.ts";

/** A proxy before a DynamoDB engine, in which planned faults strike real requests. */
export interface Proxy {
  readonly endpoint: string;
  close(): Promise<void>;
}

const refusals = {
  throttled: "com.amazonaws.dynamodb.v20120810#ThrottlingException",
  conflict: "com.amazonaws.dynamodb.v20120810#TransactionConflictException",
  denied: "com.amazon.coral.service#AccessDeniedException",
} as const;

export async function startProxy(target: string, faults: Faults): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming);
    const { answer, before, after } = faults.next(callOf(incoming, body));
    await before?.();
    if (answer === "throttled" || answer === "conflict" || answer === "denied") {
      outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      outgoing.end(JSON.stringify({ __type: refusals[answer], message: answer }));
      return;
    }
    if (answer === "unsent") return void outgoing.destroy();
    const reply = answer === "unprocessed" ? await forwardHalf(target, incoming, body) : await forward(target, incoming, body);
    await after?.();
    if (answer === "lost") return void outgoing.destroy();
    outgoing.writeHead(reply.status, reply.headers);
    outgoing.end(reply.body);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

interface Body {
  Item?: { status?: { S: string }; sk?: { S: string } };
  ConditionExpression?: string;
  UpdateExpression?: string;
}

// Which of the store's calls a request is, as an onlooker can tell from the wire.
function callOf({ headers }: IncomingMessage, body: Buffer): CallName {
  const action = String(headers["x-amz-target"]).split(".")[1];
  const { Item, ConditionExpression = "", UpdateExpression = "" } = JSON.parse(body.toString()) as Body;
  if (action === "GetItem") return "read";
  if (action === "BatchGetItem") return "children";
  if (action === "PutItem") {
    if (Item?.sk?.S === resultSortKey) return "child";
    if (Item?.status?.S !== "in_progress") return "settle";
    return ConditionExpression.startsWith("attribute_not_exists") ? "claim" : "takeOver";
  }
  if (UpdateExpression.includes("REMOVE")) return "release";
  return UpdateExpression.includes("#leaseUntil") ? "extend" : "settle";
}

/** What DynamoDB does under load: it answers for some of the keys, and names the others. */
async function forwardHalf(target: string, incoming: IncomingMessage, body: Buffer): Promise<Reply> {
  const { RequestItems } = JSON.parse(body.toString()) as { RequestItems: Record<string, { Keys: unknown[] }> };
  const [[table, asked]] = Object.entries(RequestItems) as [[string, { Keys: unknown[] }]];
  const half = Math.floor(asked.Keys.length / 2);
  const some = Buffer.from(JSON.stringify({ RequestItems: { [table]: { ...asked, Keys: asked.Keys.slice(0, half) } } }));
  const UnprocessedKeys = { [table]: { ...asked, Keys: asked.Keys.slice(half) } };
  const none: Reply = {
    status: 200,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: Buffer.from('{"Responses":{}}'),
  };
  const reply = half === 0 ? none : await forward(target, incoming, some);
  const answer = { ...(JSON.parse(reply.body.toString()) as object), UnprocessedKeys };
  const { "content-length": _, "x-amz-crc32": __, ...headers } = reply.headers;
  return { ...reply, headers, body: Buffer.from(JSON.stringify(answer)) };
}
