// npm run example:http: a pay button to hammer, on a page of its own, and the ledger of charges beside it. Environment: PORT.
import { dynamodbStore } from "lambda-once/dynamodb";
import { startEmbedded } from "../../test/engines/embedded.ts";
import { clientOf, freshTable } from "../../test/support/table.ts";
import { openPayments } from "./payments.ts";
import { openProvider } from "./provider.ts";
import { openServer } from "./server.ts";

const port = Number(process.env["PORT"] ?? 8080);
const engine = await startEmbedded();
const client = clientOf(engine.endpoint);

try {
  const provider = openProvider();
  const payments = openPayments(provider, dynamodbStore({ client, tableName: await freshTable(client) }));
  const server = await openServer(payments, provider, port);
  console.log(`${server.url} has the page; Ctrl-C ends it`);
  await asked();
  await server.stop();
} catch (error) {
  console.error(`example:http: ${error instanceof Error ? error.message : String(error)} (the port: environment variable PORT)`);
  process.exitCode = 1;
} finally {
  client.destroy();
  await engine.stop();
}

/** Resolves when somebody wants it to end; the second time ends it at once. */
function asked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
