// A proxy before queue and table that counts requests, and strikes whoever makes them at one of them.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { bodyOf, forward } from "../../support/forward.ts";

/** Where in the life of a request: before it arrives, when its answer is not seen, or as its answer is seen. */
export const moments = ["unsent", "unseen", "seen"] as const;
export type Moment = (typeof moments)[number];

export interface Strike {
  /** From 0, of all requests to queue and table, or of those of one action. */
  readonly at: number;
  readonly action?: string;
  readonly moment: Moment;
  kill(): void;
}

export interface StrikeProxy {
  readonly endpoint: string;
  /** The actions that were asked for, in order. */
  readonly actions: readonly string[];
  /** Receipt handles of a receive that was struck: in flight, and nobody may know them. */
  readonly lostHandles: readonly string[];
  close(): Promise<void>;
}

export async function startStrikeProxy(target: string, strike?: Strike): Promise<StrikeProxy> {
  const actions: string[] = [];
  const lostHandles: string[] = [];

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming);
    const action = String(incoming.headers["x-amz-target"]).split(".")[1] ?? "";
    actions.push(action);
    const counted = strike?.action === undefined ? actions : actions.filter((one) => one === strike.action);
    const isStruck = (strike?.action ?? action) === action && counted.length - 1 === strike?.at;
    if (isStruck && strike?.moment === "unsent") {
      strike?.kill();
      return void outgoing.destroy();
    }
    const reply = await forward(target, incoming, body);
    if (isStruck) lostHandles.push(...handlesIn(reply.body));
    if (isStruck && strike?.moment === "unseen") {
      strike?.kill();
      return void outgoing.destroy();
    }
    outgoing.writeHead(reply.status, reply.headers);
    outgoing.end(reply.body, () => {
      if (isStruck) strike?.kill();
    });
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    actions,
    lostHandles,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function handlesIn(body: Buffer): string[] {
  const { Messages = [] } = JSON.parse(body.toString() || "{}") as { Messages?: { ReceiptHandle: string }[] };
  return Messages.map(({ ReceiptHandle }) => ReceiptHandle);
}
