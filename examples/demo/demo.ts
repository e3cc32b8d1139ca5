import { dynamodbStore } from "lambda-once/dynamodb";
import type { Engine } from "../../test/engines/engine.ts";
import { clientOf, freshTable } from "../../test/support/table.ts";
import { complaints, type Played } from "./check.ts";
import { demoClock } from "./clock.ts";
import { play } from "./play.ts";
import { readRecords } from "./records.ts";
import { heading, recordTable, requestLine, scenarioTable, timeOfDay } from "./report.ts";
import { countRequests, totalOf } from "./requests.ts";
import type { Scenario } from "./scenarios.ts";

const startMs = Date.UTC(2026, 2, 2, 9);

/** Plays the scenarios on an engine, in a table of their own, and shows what came of them; answers the complaints. */
export async function demo(engine: Engine, scenarios: readonly Scenario[], print: (text: string) => void): Promise<string[]> {
  const client = clientOf(engine.endpoint);
  try {
    const tableName = await freshTable(client);
    const requests = countRequests(client);
    const clock = demoClock(startMs);
    const store = { ...dynamodbStore({ client, tableName }), clock };

    print(`\nlambda-once on ${engine.name}: ${scenarios.length} scenarios, four Lambda functions, one table\n`);
    const all: Played[] = [];
    for (const scenario of scenarios) {
      print(heading(all.length + 1, scenario.name, scenario.story));
      all.push(await play(scenario, store, clock, () => totalOf(requests)));
    }
    print(`\n${scenarioTable(all)}\n${requestLine(requests)}\n`);
    print(`The records as the table holds them at ${timeOfDay(clock.now())} by the demo's clock; no raw key among them:\n`);
    print(`${recordTable(await readRecords(client, tableName), all, clock.now())}\n`);
    return all.flatMap(complaints);
  } finally {
    client.destroy();
  }
}
