export { type EventBridgeEvent, eventBridgeKey } from "./event-bridge.ts";
export { type GithubRequest, githubWebhookKey } from "./github.ts";
export { type S3Record, s3Key } from "./s3.ts";
export { type ScheduledInput, schedulerKey } from "./scheduler.ts";
export { type SnsRecord, snsKey } from "./sns.ts";
export { type StripeEvent, stripeWebhookKey, type StripeRequest } from "./stripe.ts";
