// The function of `IdempotentQueueConsumer` with `redrive: true`, bundled into dist/redrive-function.
import { redriveHandler } from "./handler.ts";

export const handler: ReturnType<typeof redriveHandler> = redriveHandler();
