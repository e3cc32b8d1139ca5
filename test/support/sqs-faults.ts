// An SQS client whose requests somebody else decides about: they go to the engine, or not, and their answers arrive, or not.
import type { SQSClient } from "@aws-sdk/client-sqs";
import { sqsClientOf } from "./queues.ts";

/** The command's name without `Command`, its input, and what sends it: with another input, later, twice, or never. */
export type Intercept = (command: string, input: never, send: (input: never) => Promise<unknown>) => Promise<unknown>;

export function interceptedClient(endpoint: string, intercept: Intercept): SQSClient {
  const client = sqsClientOf(endpoint);
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const name = String(context["commandName"]).replace(/Command$/, "");
      let response: unknown;
      const output = await intercept(name, args.input as never, async (input) => {
        const answer = await next({ ...args, input });
        response = answer.response;
        return answer.output;
      });
      return { response, output: output as object } as never;
    },
    { step: "initialize", name: "intercept" },
  );
  return client;
}
