// The APIs of the transcripts in docs/http.md, each with the options that its situation needs.
import middy from "@middy/core";
import cors from "@middy/http-cors";
import httpErrorHandler from "@middy/http-error-handler";
import httpJsonBodyParser from "@middy/http-json-body-parser";
import { type HttpOptions, idempotentHttp } from "../../../src/http/index.ts";
import type { Store } from "../../../src/index.ts";
import { type Bank, BankError } from "./bank.ts";
import type { Handler, Route } from "./gateway.ts";

const marks = "idempotency-key, idempotency-status, idempotent-replayed, idempotency-original-request, retry-after, link";
const crossing = {
  origin: "https://shop.example.com",
  methods: "POST",
  headers: "content-type, idempotency-key",
  exposeHeaders: marks,
  disableBeforePreflightResponse: false,
};

interface Api {
  readonly options?: Omit<HttpOptions, "store" | "operation">;
  readonly hasAuthorizer?: boolean;
  readonly hasCors?: boolean;
  /** What comes is no JSON. */
  readonly takesBytes?: boolean;
  /** What the handler answers with, once the bank has charged. */
  answer?(id: string, amount: number): object;
}

const apis: Readonly<Record<string, Api>> = {
  "/payments": {},
  "/payments/{id}/capture": {},
  "/refunds": { options: { keyFormat: "uuid" } },
  "/subscriptions": { options: { onInProgress: { waitMs: 5000 } } },
  "/transfers": { options: { onServerError: "hold" } },
  "/payouts": { options: { onLeaseExpired: "throw" } },
  "/donations": { hasAuthorizer: false },
  "/newsletters": { options: { onStoreUnavailable: "run" } },
  "/notes": { options: { maxBodyBytes: 100 } },
  "/checkout": { hasCors: true },
  "/documents": { takesBytes: true },
  "/tokens": {
    options: {
      toStored: (response) => ({ ...response, body: "" }),
      fromStored() {
        throw new Error("a token is shown once");
      },
    },
    answer: (id) => ({ token: `secret-${id}` }),
  },
};

export function routesOf(store: Store, bank: Bank): Route[] {
  return Object.entries(apis).map(([template, api]) => {
    const { options, hasAuthorizer = true } = api;
    const operation = template.split("/")[1] ?? "";
    const outer = middy(idempotentHttp(innerOf(bank, api), { store, operation, ...options })).use(httpErrorHandler({ logger: false }));
    if (api.hasCors) outer.use(cors(crossing));
    return { template, hasAuthorizer, handler: outer as unknown as Handler };
  });
}

function innerOf(bank: Bank, api: Api) {
  if (api.takesBytes) return async () => json(201, { taken: true });
  return middy(handlerOf(bank, api)).use(httpJsonBodyParser()) as unknown as Handler;
}

function handlerOf(bank: Bank, { answer = (id, amount) => ({ id, amount }) }: Api) {
  return async ({ body }: { readonly body: { readonly amount: number } }) => {
    try {
      if (!(body.amount > 0)) return json(400, { error: "amount_invalid" });
      if (body.amount > 1000) return json(402, { error: "card_declined" });
      const id = await bank.charge();
      return { ...json(201, answer(id, body.amount)), cookies: [`seen=${id}`] };
    } catch (error) {
      if (!(error instanceof BankError)) throw error;
      if (error.mood === "busy") return { statusCode: 429, headers: { "retry-after": "2" }, body: "" };
      return json(error.mood === "silent" ? 504 : 502, { error: `bank_${error.mood}` });
    }
  };
}

function json(statusCode: number, body: object) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
