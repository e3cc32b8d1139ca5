/**
 * A message that no further try can help. Thrown by a record handler, it is kept whatever `onError` says: later deliveries
 * fail without running, until the queue itself moves the message to its dead-letter queue; sent or redriven after that, it
 * runs again.
 */
export class PermanentError extends Error {
  override readonly name: string = "PermanentError";
}
