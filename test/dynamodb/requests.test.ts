import { expect, it } from "vitest";
import type { Sender } from "../../src/dynamodb/client.ts";
import { requestsOf } from "../../src/dynamodb/requests.ts";

it("a write beside a record can be given up", async () => {
  const options: unknown[] = [];
  const sender = { send: async (_command: unknown, given: unknown) => void options.push(given) } as unknown as Sender;
  const { signal } = new AbortController();
  await requestsOf(sender, "orders").putItem({}, signal);
  await requestsOf(sender, "orders").putItem({}, undefined);
  expect(options).toEqual([{ abortSignal: signal }, { abortSignal: undefined }]);
});
