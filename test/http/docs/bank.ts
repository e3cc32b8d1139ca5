// Who charges cards, and all that can go wrong there.

/** A charge that waits. */
export interface Stopped {
  /** It has come, and waits. */
  readonly reached: Promise<void>;
  /** Lets it go on. */
  open(): void;
}

export interface Bank {
  /** What charges find from now on. */
  mood: "well" | "away" | "busy" | "silent";
  /** How many cards were charged. */
  charges: number;
  /** Makes the next charge wait. */
  stopNext(): Stopped;
  /** @throws BankError unless all is well. */
  charge(): Promise<string>;
}

export class BankError extends Error {
  override readonly name = "BankError";
  readonly mood: Bank["mood"];
  constructor(mood: Bank["mood"]) {
    super(`the bank is ${mood}`);
    this.mood = mood;
  }
}

export function openBank(): Bank {
  const stops: { reached(): void; opened: Promise<void> }[] = [];
  return {
    mood: "well",
    charges: 0,
    stopNext() {
      const [reached, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      stops.push({ reached: reached.resolve, opened: opened.promise });
      return { reached: reached.promise, open: opened.resolve };
    },
    async charge() {
      const stop = stops.shift();
      stop?.reached();
      await stop?.opened;
      if (this.mood !== "well") throw new BankError(this.mood);
      return `pay_${++this.charges}`;
    },
  };
}
