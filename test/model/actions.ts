// Everything that can happen next.
import { finish, sendClaim, wake } from "./begin.ts";
import { applySent, arrive, crash, forgetStrays, giveUp, lose, nameOf, spend } from "./network.ts";
import { endHandler, leaveExtension, onLeftExtension, sendExtension } from "./run.ts";
import type { ExecutionState, State } from "./state.ts";
import { apply } from "./table.ts";
import { indexOf, Action, type World } from "./action.ts";

/** All that can follow on a state, each as an action that was taken. */
export function actionsFrom(world: World, state: State): Action[] {
  const actions: Action[] = [];
  function act(who: string, happen: (action: Action) => void): void {
    const action = new Action(world, state);
    action.who = who;
    happen(action);
    checkState(action);
    forgetStrays(action);
    actions.push(action);
  }
  state.executions.forEach((execution, i) => executionActions(world, state, execution, i, act));
  state.stray.forEach((request, i) => {
    act("the table", (action) => {
      action.change({ stray: state.stray.toSpliced(i, 1) });
      const answer = apply(action, request);
      action.say(
        `a stray ${nameOf(request)} of ${request.kind === "read" || request.kind === "fetch" ? "" : request.ref.owner} ${answer.applied ? "is applied" : "is refused"}`,
      );
      if (request.kind === "extend" && request.isLeft === true) onLeftExtension(action, request, answer);
    });
  });
  deletions(state, act);
  const { tickMs, untilMs } = world.configuration;
  if (state.now < untilMs) act("the clock", (action) => tick(action, state.now + tickMs));
  return actions;
}

type Act = (who: string, happen: (action: Action) => void) => void;

function executionActions(world: World, state: State, execution: ExecutionState, i: number, act: Act): void {
  const { phase, sent, answer } = execution;
  const { name } = world.configuration.deliveries[i] ?? { name: "" };
  if (phase === "answered" || phase === "crashed") return;
  if (phase === "not delivered") {
    // Of deliveries that are alike, the first one comes first.
    const before = state.executions[i - 1];
    if (before?.phase === "not delivered" && isAlike(world, i)) return;
    return act(name, (action) => (action.say("is delivered"), sendClaim(action, i)));
  }
  if (phase === "sleeping") act(name, (action) => wake(action, i));
  if (phase === "running") handlerActions(world, state, execution, i, name, act);
  if (sent !== undefined) {
    if (answer === undefined) act(name, (action) => applySent(action, i, sent));
    else if (!isOverdue(world, state, execution, i)) act(name, (action) => arrive(action, i, sent, answer));
    if (phase === "waiting" && isOverdue(world, state, execution, i)) {
      act(name, (action) => (action.say("waits no longer"), finish(action, i, { kind: "busy", record: undefined })));
    }
    if (state.left.losses > 0) {
      act(name, (action) => (lose(action, i, sent), action.say("its client sends it again")));
      act(name, (action) => (lose(action, i, sent), giveUp(action, i, sent)));
    }
  }
  if (state.left.crashes > 0) act(name, (action) => crash(action, i));
}

function isAlike({ configuration }: World, i: number): boolean {
  const [one, other] = [configuration.deliveries[i - 1], configuration.deliveries[i]];
  return JSON.stringify({ ...one, name: "" }) === JSON.stringify({ ...other, name: "" });
}

// What is over is forgotten, so that states that differ in nothing else are one.
function tick(action: Action, now: number): void {
  action.isTick = true;
  action.change({ now });
  const { kept, executions } = action.state;
  if (kept !== undefined && action.keptNow() === undefined && kept.status !== "completed") action.change({ kept: undefined });
  executions.forEach(({ phase, leaseUntil }, i) => {
    const isOver = phase === "answered" || phase === "crashed";
    if (isOver && leaseUntil !== undefined && action.clock(i) >= leaseUntil) action.changeExecution(i, { leaseUntil: undefined });
  });
}

function handlerActions(world: World, state: State, execution: ExecutionState, i: number, name: string, act: Act): void {
  const { onError, leaseMs, deliveries, leavesExtensions = false } = world.configuration;
  const { ref, leaseUntil = 0 } = execution;
  act(name, (action) => endHandler(action, i, false));
  if (onError !== undefined) act(name, (action) => endHandler(action, i, true));
  const until = state.now + (deliveries[i]?.skewMs ?? 0) + leaseMs;
  if (state.left.extensions > 0 && ref !== undefined && until > leaseUntil) {
    act(name, (action) => {
      spend(action, "extensions");
      if (leavesExtensions) leaveExtension(action, ref, until);
      else sendExtension(action, i, ref, until);
    });
  }
}

// `within` in wait.ts: the read of a waiter whose time is up is nobody's. 250 ms: `lastReadMs`.
function isOverdue(world: World, state: State, { phase, waitUntil = 0 }: ExecutionState, i: number): boolean {
  return phase === "waiting" && state.now + (world.configuration.deliveries[i]?.skewMs ?? 0) >= waitUntil + 250;
}

function deletions(state: State, act: Act): void {
  if (state.left.deletions === 0) return;
  const { record, children, now } = state;
  if (record !== undefined && now >= record.expiresAt * 1000) {
    act("TTL", (action) => (spend(action, "deletions"), action.change({ record: undefined }), action.say("deletes the record")));
  }
  for (const child of children) {
    if (now < child.expiresAt * 1000) continue;
    act("TTL", (action) => {
      spend(action, "deletions");
      action.change({ children: children.filter((other) => other !== child) });
      action.say(`deletes the result of ${child.text}`);
    });
  }
}

// Whoever was answered without a run, and knows how its writes ended, leaves no claim behind.
function checkState(action: Action): void {
  const { record, executions } = action.state;
  if (record?.status !== "in_progress") return;
  const owner = executions[indexOf(action.world, record.owner)];
  action.must(owner?.phase !== "answered" || owner.ran || owner.unsure, "nothing stays stuck");
}
