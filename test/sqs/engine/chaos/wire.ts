// Lost answers between the SDK and DynamoDB: each try of a request passes here.
import type { DynamoDBClient, PutItemCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { hashKey } from "../../../../src/core/key.ts";
import { type Injector, notWritten } from "./injector.ts";
import type { Plan } from "./plan.ts";

interface Write {
  readonly kind: "claim" | "completion";
  readonly key: string;
  readonly owner: string;
}

/** Loses answers, and completions, as the injector says. */
export function loseOnTheWire(client: DynamoDBClient, plan: Plan, injector: Injector): void {
  const keyOf = new Map([...plan.keys.keys()].map((key) => [hashKey(key), key]));
  // By owner: all tries of this run's write.
  const unanswered = new Set<string>();
  const unwritten = new Set<string>();

  client.middlewareStack.add(
    (next) => async (args) => {
      const write = writeOf(args.input, keyOf);
      if (write === undefined) return next(args);
      const { kind, key, owner } = write;
      if (kind === "completion" && (unwritten.has(owner) || injector.strikes(key, "completion not written"))) {
        if (!unwritten.has(owner)) injector.allow(key, notWritten);
        unwritten.add(owner);
        throw hungUp();
      }
      const answer = await next(args);
      if (kind === "claim" && (unanswered.has(owner) || injector.strikes(key, "claim unanswered"))) {
        unanswered.add(owner);
        throw hungUp();
      }
      if (injector.strikes(key, kind === "claim" ? "claim answer lost" : "completion answer lost")) throw hungUp();
      return answer;
    },
    { step: "finalizeRequest", priority: "low", name: "loseOnTheWire" },
  );
}

function writeOf(input: object, keyOf: ReadonlyMap<string, string>): Write | undefined {
  const { Item, Key, ExpressionAttributeValues: values } = input as Partial<PutItemCommandInput & UpdateItemCommandInput>;
  const key = keyOf.get((Item ?? Key)?.["pk"]?.S?.split("#").at(-1) ?? "");
  if (key === undefined) return undefined;
  const isClaim = Item?.["status"]?.S === "in_progress";
  if (isClaim) return { kind: "claim", key, owner: Item["owner"]?.S ?? "" };
  const isCompletion = values?.[":status"]?.S === "completed" || Item?.["status"]?.S === "completed";
  return isCompletion ? { kind: "completion", key, owner: (values?.[":seen_owner"] ?? Item?.["owner"])?.S ?? "" } : undefined;
}

function hungUp(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET", name: "TimeoutError" });
}
