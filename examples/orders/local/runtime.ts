// The process of one environment: runtime.ts FILE loads a function once, and then answers event after event.
import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";
import type { Answer, Invocation } from "./environment.ts";

type Handler = (event: unknown, context: Context) => Promise<unknown>;

const [, , file = ""] = process.argv;
const { handler } = (await import(file)) as { handler: Handler };

process.on("message", ({ id, event, timeoutMs }: Invocation) => {
  handler(event, contextOf(timeoutMs)).then(
    (answer) => tell({ id, answer }),
    (error: unknown) => tell({ id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }),
  );
});
tell("ready");

function tell(answer: Answer | "ready"): void {
  process.send?.(answer);
}

/** What Lambda tells of an invocation, as far as these functions ask. */
function contextOf(timeoutMs: number): Context {
  const deadline = Date.now() + timeoutMs;
  const told: Partial<Context> = {
    awsRequestId: randomUUID(),
    functionName: "orders",
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  return told as Context;
}
