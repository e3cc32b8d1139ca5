import type { FrontDoor } from "./event.ts";

/** Where an answer goes, and what it says of the request. */
export interface Asker {
  readonly frontDoor: FrontDoor;
  readonly context: unknown;
  /** The header of the key, as it was sent: every answer has it. */
  readonly echo: Readonly<Record<string, string>>;
}
