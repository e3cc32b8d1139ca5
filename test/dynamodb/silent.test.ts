import { createServer, type AddressInfo, type Socket } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { idempotent } from "../../src/index.ts";
import { dynamodbStore } from "../../src/dynamodb/index.ts";

it.for([
  { name: "accepts and never answers", answer: () => {} },
  {
    name: "begins an answer and never ends it",
    answer: (socket: Socket) => void socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")),
  },
])("the default client gives up on a DynamoDB that $name: nothing runs, nothing hangs", async ({ answer }) => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const env = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  let runs = 0;
  const deliver = idempotent(() => runs++, { store: dynamodbStore({ tableName: "table" }), operation: "silent", key: () => "key" });
  await expect(deliver()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", cause: { kind: "unreachable", maybeApplied: true } });
  expect(runs).toBe(0);
});
