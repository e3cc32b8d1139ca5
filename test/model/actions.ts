// Everything that can happen next.
import { finish, sendClaim, wake } from "./begin.ts";
import { applySent, arrive, crash, forgetStrays, giveUp, lose, nameOf, spend } from "./network.ts";
import { endHandler, sendExtension } from "./run.ts";
import type { Execution, State } from "./state.ts";
import { apply } from "./table.ts";
import { indexOf, Turn, type World } from "./turn.ts";

/** All that can follow on a state, each as a turn that was taken. */
export function turnsFrom(world: World, state: State): Turn[] {
  const turns: Turn[] = [];
  function act(who: string, action: (turn: Turn) => void): void {
    const turn = new Turn(world, state);
    turn.who = who;
    action(turn);
    checkState(turn);
    forgetStrays(turn);
    turns.push(turn);
  }
  state.executions.forEach((execution, i) => actionsOf(world, state, execution, i, act));
  state.stray.forEach((request, i) => {
    act("the table", (turn) => {
      turn.change({ stray: state.stray.toSpliced(i, 1) });
      const { applied } = apply(turn, request);
      turn.say(
        `a stray ${nameOf(request)} of ${request.kind === "read" || request.kind === "fetch" ? "" : request.ref.owner} ${applied ? "is applied" : "is refused"}`,
      );
    });
  });
  deletions(world, state, act);
  const { tickMs, untilMs } = world.configuration;
  if (state.now < untilMs) act("the clock", (turn) => tick(turn, state.now + tickMs));
  return turns;
}

type Act = (who: string, action: (turn: Turn) => void) => void;

function actionsOf(world: World, state: State, execution: Execution, i: number, act: Act): void {
  const { phase, sent, answer } = execution;
  const { name } = world.configuration.deliveries[i] ?? { name: "" };
  if (phase === "answered" || phase === "crashed") return;
  if (phase === "not delivered") {
    // Of deliveries that are alike, the first one comes first.
    const before = state.executions[i - 1];
    if (before?.phase === "not delivered" && isAlike(world, i)) return;
    return act(name, (turn) => (turn.say("is delivered"), sendClaim(turn, i)));
  }
  if (phase === "sleeping") act(name, (turn) => wake(turn, i));
  if (phase === "running") handlerActions(world, state, execution, i, name, act);
  if (sent !== undefined) {
    if (answer === undefined) act(name, (turn) => applySent(turn, i, sent));
    else if (!isOverdue(world, state, execution, i)) act(name, (turn) => arrive(turn, i, sent, answer));
    if (phase === "waiting" && isOverdue(world, state, execution, i)) {
      act(name, (turn) => (turn.say("waits no longer"), finish(turn, i, { kind: "busy", record: undefined })));
    }
    if (state.left.losses > 0) {
      act(name, (turn) => (lose(turn, i, sent), turn.say("its client sends it again")));
      act(name, (turn) => (lose(turn, i, sent), giveUp(turn, i, sent)));
    }
  }
  if (state.left.crashes > 0) act(name, (turn) => crash(turn, i));
}

function isAlike({ configuration }: World, i: number): boolean {
  const [one, other] = [configuration.deliveries[i - 1], configuration.deliveries[i]];
  return JSON.stringify({ ...one, name: "" }) === JSON.stringify({ ...other, name: "" });
}

// What is over is forgotten, so that states that differ in nothing else are one.
function tick(turn: Turn, now: number): void {
  turn.isTick = true;
  turn.change({ now });
  const { kept, executions } = turn.state;
  if (kept !== undefined && turn.keptNow() === undefined && kept.status !== "completed") turn.change({ kept: undefined });
  executions.forEach(({ phase, leaseUntil }, i) => {
    const isOver = phase === "answered" || phase === "crashed";
    if (isOver && leaseUntil !== undefined && turn.clock(i) >= leaseUntil) turn.changeExecution(i, { leaseUntil: undefined });
  });
}

function handlerActions(world: World, state: State, execution: Execution, i: number, name: string, act: Act): void {
  const { onError, leaseMs, deliveries } = world.configuration;
  const { ref, leaseUntil = 0 } = execution;
  act(name, (turn) => endHandler(turn, i, false));
  if (onError !== undefined) act(name, (turn) => endHandler(turn, i, true));
  const until = state.now + (deliveries[i]?.skewMs ?? 0) + leaseMs;
  if (state.left.extensions > 0 && ref !== undefined && until > leaseUntil) {
    act(name, (turn) => (spend(turn, "extensions"), sendExtension(turn, i, ref, until)));
  }
}

// `within` in wait.ts: the read of a waiter whose time is up is nobody's. 250 ms: `lastReadMs`.
function isOverdue(world: World, state: State, { phase, waitUntil = 0 }: Execution, i: number): boolean {
  return phase === "waiting" && state.now + (world.configuration.deliveries[i]?.skewMs ?? 0) >= waitUntil + 250;
}

function deletions(world: World, state: State, act: Act): void {
  if (state.left.deletions === 0) return;
  const { record, children, now } = state;
  if (record !== undefined && world.rules.isExpired(record, now)) {
    act("TTL", (turn) => (spend(turn, "deletions"), turn.change({ record: undefined }), turn.say("deletes the record")));
  }
  for (const child of children) {
    if (now < child.expiresAt * 1000) continue;
    act("TTL", (turn) => {
      spend(turn, "deletions");
      turn.change({ children: children.filter((other) => other !== child) });
      turn.say(`deletes the result of ${child.text}`);
    });
  }
}

// Whoever was answered without a run, and knows how its writes ended, leaves no claim behind.
function checkState(turn: Turn): void {
  const { record, executions } = turn.state;
  if (record?.status !== "in_progress") return;
  const owner = executions[indexOf(turn.world, record.owner)];
  turn.must(owner?.phase !== "answered" || owner.ran || owner.unsure, "nothing stays stuck");
}
