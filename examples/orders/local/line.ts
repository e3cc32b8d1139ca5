import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A line to a server, on which something may happen between a request's effect and its answer. */
export interface Line {
  readonly endpoint: string;
  /** Happens once, when the server has answered the next request and before the caller hears of it. */
  beforeNextAnswer(happening: () => Promise<void>): void;
  close(): Promise<void>;
}

export async function openLine(target: string): Promise<Line> {
  let next: (() => Promise<void>) | undefined;
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { status, type, text } = await forward(target, incoming);
    const happening = next;
    next = undefined;
    await happening?.();
    outgoing.writeHead(status, { "content-type": type }).end(text);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    beforeNextAnswer(happening) {
      next = happening;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function forward(target: string, incoming: IncomingMessage): Promise<{ status: number; type: string; text: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { host: _, connection: __, "content-length": ___, ...headers } = incoming.headers;
  const reply = await fetch(new URL(incoming.url ?? "/", target), {
    method: incoming.method ?? "POST",
    headers: headers as Record<string, string>,
    body: Buffer.concat(chunks),
  });
  return { status: reply.status, type: reply.headers.get("content-type") ?? "", text: await reply.text() };
}
