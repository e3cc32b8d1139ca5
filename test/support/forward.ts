// A request as a proxy hands it on, and what comes back.
import { type IncomingMessage, request } from "node:http";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export function forward(target: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Reply> {
  const { "content-length": _, ...others } = headers;
  return new Promise((resolve, reject) => {
    const sent = request(new URL(url ?? "/", target), { method, headers: others }, (reply) => {
      bodyOf(reply).then((text) => resolve({ status: reply.statusCode ?? 500, headers: reply.headers, body: text }), reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
