// One action on a state: what it makes of it, what is said of it, and what it breaks.
import { type Invariant, withoutClocks } from "./invariants.ts";
import type { Rules } from "./rules.ts";
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
    if (holds || this.broken !== undefined) return;
    if (this.world.configuration.beyondMargin === true && !withoutClocks.has(invariant)) return;
    this.broken = invariant;
  }

  /** The outcome that counts now, beyond all doubt of clocks. */
  keptNow(): Kept | undefined {
    const { kept, now } = this.state;
    return kept !== undefined && now < kept.until - this.world.skewMs ? kept : undefined;
  }
}

export function indexOf(world: World, owner: string): number {
  return world.configuration.deliveries.findIndex(({ name }) => name === owner);
}

/** A moment, for a reader. */
export function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
