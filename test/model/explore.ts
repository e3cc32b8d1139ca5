// Breadth first over all that can happen, so that the first violation found is a shortest one.
import { actionsFrom } from "./actions.ts";
import type { Invariant } from "./invariants.ts";
import type { Configuration, ExecutionState, State } from "./state.ts";
import type { Counted } from "./tally.ts";
import { shown } from "./table.ts";
import { seconds, type Action, type World } from "./action.ts";

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** The steps of the longest of all shortest ways to a state. */
  readonly depth: number;
  readonly violation?: { readonly invariant: Invariant; readonly trace: readonly string[] };
}

export interface Bounds {
  readonly maxStates: number;
  readonly key: (state: State) => string;
  readonly tally: Map<Counted, number>;
}

/**
 * Explores every state that can be reached.
 *
 * @throws Error where there are more states than `maxStates`: what was not seen is not proved.
 */
export function explore(world: World, { maxStates, key: keyOf, tally }: Bounds): Exploration {
  const first = firstState(world.configuration);
  const seen = new Map<string, number>([[keyOf(first), 0]]);
  const parents = [-1];
  let level: { readonly id: number; readonly state: State }[] = [{ id: 0, state: first }];
  let transitions = 0;
  let depth = 0;
  for (; ; depth++) {
    const next: typeof level = [];
    for (const { id, state } of level) {
      for (const action of actionsFrom(world, state)) {
        transitions++;
        for (const counted of action.counted) tally.set(counted, (tally.get(counted) ?? 0) + 1);
        if (action.broken !== undefined) {
          const way = wayTo(world, first, id, { keyOf, keys: [...seen.keys()], parents });
          const violation = { invariant: action.broken, trace: linesOf([...way, action], first) };
          return { states: seen.size, transitions, depth: depth + 1, violation };
        }
        const key = keyOf(action.state);
        if (seen.has(key)) continue;
        if (seen.size >= maxStates) throw new Error(`more than ${maxStates} states in "${world.configuration.name}": nothing is proved`);
        next.push({ id: parents.length, state: action.state });
        seen.set(key, parents.length);
        parents.push(id);
      }
    }
    if (next.length === 0) return { states: seen.size, transitions, depth };
    level = next;
  }
}

interface Seen {
  readonly keyOf: Bounds["key"];
  readonly keys: readonly string[];
  readonly parents: readonly number[];
}

// Only each state's predecessor is kept; what happened in between is found again.
function wayTo(world: World, first: State, last: number, { keyOf, keys, parents }: Seen): Action[] {
  const ids: number[] = [];
  for (let id = last; id > 0; id = parents[id] ?? 0) ids.unshift(id);
  const way: Action[] = [];
  let state = first;
  for (const id of ids) {
    const action = actionsFrom(world, state).find((action) => keyOf(action.state) === keys[id]);
    if (action === undefined) throw new Error("a state that was reached is reached again");
    way.push(action);
    state = action.state;
  }
  return way;
}

// The table is told where it changes, and the time once where only time passes.
function linesOf(way: readonly Action[], first: State): string[] {
  const lines: string[] = first.record === undefined ? [] : [`         the table holds: ${shown(first.record)}`];
  let before = shown(first.record);
  way.forEach(({ state, who, said, isTick }, i) => {
    if (isTick && way[i + 1]?.isTick === true) return;
    const after = shown(state.record);
    lines.push(`${seconds(state.now).padStart(6)}   ${isTick ? "time has passed" : `${who}: ${said.join("; ")}`}`);
    if (after !== before) lines.push(`         => ${after}`);
    before = after;
  });
  return lines;
}

const idle: ExecutionState = { memo: {}, phase: "not delivered", ran: false, closed: false, unsure: false };

function firstState({ deliveries, budget, record, running, retentionSeconds }: Configuration): State {
  return {
    now: 0,
    record,
    children: [],
    executions: deliveries.map(({ name }) => (name === running && record !== undefined ? runningUnder(record, retentionSeconds) : idle)),
    stray: [],
    left: budget,
    kept: undefined,
  };
}

function runningUnder(record: NonNullable<Configuration["record"]>, retentionSeconds: number): ExecutionState {
  const { leaseUntil, startedAt } = record;
  const ref = { ...record, keyParts: "key", retentionSeconds, startedAt };
  return { ...idle, memo: {}, phase: "running", ran: true, ref, leaseUntil };
}
