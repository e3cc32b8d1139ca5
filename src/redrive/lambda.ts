// The function of `IdempotentQueueConsumer` with `redrive: true`, bundled into redrive-function.
import { redriveHandler } from "./handler.ts";

export const handler: ReturnType<typeof redriveHandler> = redriveHandler();
