// The page, the ledger, and the API in front of the function; and the network between, which loses an answer where it is told to.
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { invoke, type Answer } from "./gateway.ts";
import type { Payments } from "./payments.ts";
import type { Provider } from "./provider.ts";

export interface Server {
  readonly url: string;
  /** Ends once what is under way has ended. */
  stop(): Promise<void>;
}

const page = readFileSync(new URL("page.html", import.meta.url));
/** A header that says to lose the answer. Not in the query: that is part of the payload, and the retry would be another one. */
const loseAnswer = "x-lose-answer";

/** @throws what `listen` says, as where the port is taken. */
export async function openServer(payments: Payments, provider: Provider, port: number): Promise<Server> {
  const underWay = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const work = serve(request, response).finally(() => underWay.delete(work));
    underWay.add(work);
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await answerTo(request);
    if (request.headers[loseAnswer] !== undefined) return void response.destroy();
    // A browser sends a request again by itself where a connection that it had kept ends without an answer. Here none is
    // kept, so that the page is told of the loss.
    const own = { connection: "close", "content-length": answer.body.length };
    response.writeHead(answer.status, { ...answer.headers, ...own }).end(answer.body);
  }

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    switch (`${request.method} ${request.url}`) {
      case "GET /":
        return { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: page };
      case "GET /ledger":
        return json(200, provider.ledger());
      case "POST /payments":
        return invoke(payments, request);
      default:
        return json(404, { message: "Not Found" });
    }
  }

  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      await Promise.all(underWay);
      server.closeAllConnections();
    },
  };
}

function json(status: number, value: unknown): Answer {
  return { status, headers: { "content-type": "application/json", "cache-control": "no-store" }, body: Buffer.from(JSON.stringify(value)) };
}
