export { httpIdempotency } from "./http-idempotency.ts";
export { idempotentHttp, type LambdaHandler } from "./idempotent-http.ts";
export type { HttpOptions } from "./options.ts";
export type { ProblemCode } from "./problem.ts";
export type { HttpRequest } from "./request.ts";
export type { HttpResponse, HttpResult } from "./response.ts";
