import { PermanentError } from "lambda-once/sqs";
import { CardDeclined } from "./provider.ts";

/** Throws an error on; that a card was declined as one that no further delivery helps, so that the message ends in the dead-letter queue. */
export function finalIfDeclined(error: unknown): never {
  throw error instanceof CardDeclined ? new PermanentError(error.message, { cause: error }) : error;
}
