// The network between a client and an API: it hands requests on, and loses answers where it is told to.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What becomes of an answer: it arrives, never does, is cut off in its body, or is that of a run which has lost its key and failed. */
export type Fate = "arrives" | "lost" | "cut off" | "stale";

export interface Network {
  readonly url: string;
  /** Of the next answers, in order; those after them arrive. */
  readonly fates: Fate[];
  /** Each request that went through: its key and its body. */
  readonly sent: { readonly key: string | undefined; readonly body: string }[];
  close(): Promise<void>;
}

export async function openNetwork(api: string): Promise<Network> {
  const fates: Fate[] = [];
  const sent: Network["sent"] = [];
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await buffer(request)).toString();
    const { "idempotency-key": key = "", "content-type": type = "" } = request.headers as Record<string, string | undefined>;
    sent.push({ key, body });
    const answer = await fetch(api + request.url, {
      method: request.method ?? "",
      headers: { "content-type": type, "idempotency-key": key },
      body,
    });
    const fate = fates.shift() ?? "arrives";
    const answered = await answer.text();
    if (fate === "lost") return void response.destroy();
    if (fate === "stale") return void response.writeHead(502, { "idempotency-status": "stale", "retry-after": "2592000" }).end();
    response.writeHead(answer.status, [...answer.headers].flat());
    if (fate === "arrives") return void response.end(answered);
    response.write(answered.slice(0, 10), () => response.destroy());
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fates,
    sent,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
