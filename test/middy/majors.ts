import middy7, { type MiddlewareObj, type Request } from "@middy/core";
import cors7 from "@middy/http-cors";
import errorHandler7 from "@middy/http-error-handler";
import jsonBodyParser7 from "@middy/http-json-body-parser";
import responseSerializer7 from "@middy/http-response-serializer";
import validator7 from "@middy/validator";
import middy6 from "middy6-core";
import cors6 from "middy6-http-cors";
import errorHandler6 from "middy6-http-error-handler";
import jsonBodyParser6 from "middy6-http-json-body-parser";
import responseSerializer6 from "middy6-http-response-serializer";
import validator6 from "middy6-validator";

/** Middy with its official middlewares. */
export interface Major {
  readonly name: string;
  readonly middy: Middy;
  readonly cors: (options: { origin: string }) => Middleware;
  readonly errorHandler: (options: { logger: false; fallbackMessage?: string }) => Middleware;
  readonly jsonBodyParser: () => Middleware;
  readonly responseSerializer: (options: {
    serializers: { regex: RegExp; serializer: (response: { body: unknown }) => string }[];
    defaultContentType: string;
  }) => Middleware;
  readonly validator: (options: { eventSchema?: Schema; contextSchema?: Schema; responseSchema?: Schema }) => Middleware;
}

/** What both majors do, typed as loosely as a chain of anything needs: their own types have their own tests. */
export type Middy = (handler?: Handler | Plugin, plugin?: Plugin) => Chain;
export type Handler = (event: never, context: never, more: never) => unknown;
// oxlint-disable-next-line typescript/no-explicit-any -- as Middy's own `use` has it
export type Middleware = MiddlewareObj<any, any, any, any, any>;
export type AnyRequest = Request<unknown, unknown, unknown>;
export interface Chain {
  (event: unknown, context?: unknown): Promise<unknown>;
  use(middleware: Middleware | readonly Middleware[]): Chain;
  before(hook: (request: AnyRequest) => unknown): Chain;
  after(hook: (request: AnyRequest) => unknown): Chain;
  onError(hook: (request: AnyRequest) => unknown): Chain;
  handler(handler: Handler): Chain;
}
interface Plugin {
  timeoutEarlyResponse?: () => unknown;
  timeoutEarlyInMillis?: number;
}
type Schema = (value: unknown) => boolean;

export const majors = [
  {
    name: "Middy 6",
    middy: middy6,
    cors: cors6,
    errorHandler: errorHandler6,
    jsonBodyParser: jsonBodyParser6,
    responseSerializer: responseSerializer6,
    validator: validator6,
  },
  {
    name: "Middy 7",
    middy: middy7,
    cors: cors7,
    errorHandler: errorHandler7,
    jsonBodyParser: jsonBodyParser7,
    responseSerializer: responseSerializer7,
    validator: validator7,
  },
] as unknown as readonly Major[];
