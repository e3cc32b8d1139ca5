// The embedded engine: dynalite in this process, for demo and tests on a machine that has Node only.
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import type { Engine } from "./engine.ts";

const require = createRequire(import.meta.url);

interface DynaliteError {
  body: { Item?: unknown };
}
interface DynaliteDb {
  checkConditional(data: { ReturnValuesOnConditionCheckFailure?: string }, item: unknown): DynaliteError | undefined | null;
}

let taught = false;

// dynalite drops ReturnValuesOnConditionCheckFailure: it is taught to answer with the item that refused the write.
function teachAllOld(): void {
  if (taught) return;
  taught = true;
  for (const action of ["putItem", "updateItem", "deleteItem"]) {
    const { types } = require(`dynalite/validations/${action}`) as { types: Record<string, unknown> };
    types["ReturnValuesOnConditionCheckFailure"] = { type: "String", enum: ["ALL_OLD", "NONE"] };
  }
  const db = require("dynalite/db") as DynaliteDb;
  const check = db.checkConditional;
  db.checkConditional = (data, item) => {
    const error = check(data, item);
    if (error && item && data.ReturnValuesOnConditionCheckFailure === "ALL_OLD") error.body.Item = item;
    return error;
  };
}

export async function startEmbedded(): Promise<Engine> {
  teachAllOld();
  const dynalite = require("dynalite") as (options: object) => Server;
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    name: "dynalite",
    endpoint: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
