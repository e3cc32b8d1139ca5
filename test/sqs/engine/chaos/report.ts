// What must hold of a chaos run, and its table.
import { notWritten } from "./injector.ts";
import type { Played } from "./play.ts";
import { strikes } from "./plan.ts";

/** How often each kind must have struck. */
const leastStrikes = 50;

/** In so large a part of the invocations the machine may be too slow for a change of visibility. */
const unexplainedPart = 0.03;

/** What does not hold, each in a line, with the timeline of its key. */
export function brokenIn({ plan, injector, dead, left, open, events, unexplained, counts }: Played): readonly string[] {
  const broken: string[] = [];
  const tell = (key: string, what: string): void => void broken.push([`${key}: ${what}`, ...injector.timeline(key)].join("\n    "));
  const inDlq = Map.groupBy(dead, (key) => key);
  const sent = Map.groupBy(plan.sendings, ({ key }) => key);
  for (const { key, isPoison } of plan.keys.values()) {
    const effects = injector.effects(key);
    const most = isPoison ? 0 : 1 + injector.allowed(key).length;
    if (effects > most) tell(key, `its effect is there ${effects} times, at most ${most} are explained`);
    if (effects === 0 && !isPoison) tell(key, "lost: its effect is not there");
    const dying = inDlq.get(key)?.length ?? 0;
    const expected = isPoison ? (sent.get(key)?.length ?? 0) : 0;
    if (dying !== expected) tell(key, `${dying} of its messages are in the dead-letter queue, ${expected} belong there`);
  }
  // A completion that could not be written leaves its claim, until a duplicate comes or it expires.
  for (const key of open) if (!injector.allowed(key).includes(notWritten)) tell(key, "its record is in progress");
  if (left > 0) broken.push(`${left} messages are left in the queue`);
  if ((events["unprotected"] ?? 0) > 0) broken.push("something ran unprotected");
  if ((events["deferred"] ?? 0) === 0) broken.push("nothing was deferred");
  const most = Math.ceil(counts.invocations * unexplainedPart);
  if (unexplained > most) broken.push(`visibility was left unchanged ${unexplained} times without a reason, at most ${most} are borne`);
  for (const kind of strikes) {
    const count = injector.counts()[kind] ?? 0;
    if (count < leastStrikes) broken.push(`"${kind}" struck ${count} times, at least ${leastStrikes} are asked`);
  }
  return broken;
}

export function tableOf({ seed, plan, injector, counts, events, dead, open, unexplained, seconds }: Played): string {
  const keys = [...plan.keys.keys()];
  const sum = (of: (key: string) => number): number => keys.reduce((total, key) => total + of(key), 0);
  const again = sum((key) => Math.max(0, injector.effects(key) - 1));
  const rows: [string, string | number][] = [
    ["seed", seed],
    ["messages, keys", `${plan.sendings.length}, ${keys.length}`],
    ["deliveries, in invocations", `${counts.records}, ${counts.invocations}`],
    ["batches that failed as a whole", JSON.stringify(counts.wholeBatches)],
    ...strikes.map((kind): [string, number] => [`struck: ${kind}`, injector.counts()[kind] ?? 0]),
    ["effects", sum(injector.effects)],
    ["effects that came again, of those that may", `${again}, ${sum((key) => injector.allowed(key).length)}`],
    ["messages in the dead-letter queue, all poison", dead.length],
    ["claims left by a completion that could not be written", open.length],
    ["visibility unchanged, without a reason", `${events["visibility_unchanged"] ?? 0}, ${unexplained}`],
    ["events", JSON.stringify(events)],
    ["seconds", seconds],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}
