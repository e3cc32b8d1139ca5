// One action on a state: what it makes of it, what is said of it, and what it breaks.
import { type Invariant, withoutClocks } from "./invariants.ts";
import type { Rules } from "./rules.ts";
import type { Counted } from "./tally.ts";
import type { Configuration, Delivery, ExecutionState, Kept, Request, State } from "./state.ts";

/** What the model is explored with. */
export interface World {
  readonly rules: Rules;
  readonly configuration: Configuration;
  /** The largest difference of any two clocks, or of one and the table's. Milliseconds. */
  readonly skewMs: number;
}

/** An action under way; each takes one of its own. */
export class Action {
  readonly world: World;
  state: State;
  who = "";
  isTick = false;
  readonly said: string[] = [];
  readonly counted: Counted[] = [];
  broken: Invariant | undefined;

  constructor(world: World, state: State) {
    this.world = world;
    this.state = state;
  }

  execution(i: number): ExecutionState {
    return this.state.executions[i] as ExecutionState;
  }

  delivery(i: number): Delivery {
    return this.world.configuration.deliveries[i] as Delivery;
  }

  /** The time by an execution's own clock. */
  clock(i: number): number {
    return this.state.now + (this.delivery(i).skewMs ?? 0);
  }

  change(changes: Partial<State>): void {
    this.state = { ...this.state, ...changes };
  }

  changeExecution(i: number, changes: Partial<ExecutionState>): void {
    const executions = [...this.state.executions];
    executions[i] = { ...this.execution(i), ...changes, memo: {} };
    this.change({ executions });
  }

  send(i: number, phase: ExecutionState["phase"], sent: Request): void {
    this.changeExecution(i, { phase, sent, answer: undefined });
  }

  say(text: string): void {
    this.said.push(text);
  }

  /** The invariant, unless it holds. */
  must(holds: boolean, invariant: Invariant): void {
    if (holds || this.broken !== undefined || !this.isAsked(invariant)) return;
    this.broken = invariant;
  }

  /** A wrong step here would break it: a configuration in which that never is so checks nothing. */
  atStake(invariant: Invariant, isSo = true): void {
    if (isSo && this.isAsked(invariant)) this.counted.push(invariant);
  }

  private isAsked(invariant: Invariant): boolean {
    return this.world.configuration.beyondMargin !== true || withoutClocks.has(invariant);
  }

  /** The outcome that counts now, beyond all doubt of clocks. */
  keptNow(): Kept | undefined {
    const { kept, now } = this.state;
    return kept !== undefined && now < kept.until - this.world.skewMs ? kept : undefined;
  }

  /** The same, unless it is a failure that this delivery may run again. */
  keptFor(i: number): Kept | undefined {
    const kept = this.keptNow();
    const { retryFailedBeforeMs = Number.NEGATIVE_INFINITY } = this.delivery(i);
    return kept?.status === "failed" && kept.completedAt < retryFailedBeforeMs ? undefined : kept;
  }
}

export function indexOf(world: World, owner: string): number {
  return world.configuration.deliveries.findIndex(({ name }) => name === owner);
}

/** Do two deliveries have different payloads? */
export function areOther({ configuration }: World, owner: string, other: string): boolean {
  const payloadOf = (name: string): string | undefined => configuration.deliveries.find((delivery) => delivery.name === name)?.payload;
  const [one, two] = [payloadOf(owner), payloadOf(other)];
  return one !== undefined && two !== undefined && one !== two;
}

/** A moment, for a reader. */
export function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
