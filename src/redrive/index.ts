export { applyRedrive, type ApplyOptions } from "./apply.ts";
export { redriveHandler, type RedriveAnswer, type RedriveEvent, type RedriveHandlerOptions } from "./handler.ts";
export { planRedrive, type HandlerOptions, type PlanOptions } from "./plan.ts";
export type { RedriveProgress } from "./run.ts";
export type { Decision, KeySource, RedriveEntry, RedrivePlan, RedriveReport, Remaining } from "./types.ts";
