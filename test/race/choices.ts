// What can happen next in a schedule.
import type { Delivery } from "./delivery.ts";
import { purposeOf } from "./describe.ts";
import { olderOwner } from "./identity.ts";
import type { Request, World } from "./world.ts";

export interface Choice {
  readonly name: string;
  readonly weight: number;
  happen(): Promise<void> | void;
}

export function isDone({ dead, answer }: Delivery): boolean {
  return dead || answer !== undefined;
}

// Larger numbers pick rarer things, so that a schedule that is made smaller becomes a calmer one.
export function pick(choices: readonly Choice[], choice: number): Choice | undefined {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  let left = total === 0 ? 0 : choice % total;
  for (const one of choices) {
    if (left < one.weight) return one;
    left -= one.weight;
  }
  return undefined;
}

/** What happens where all goes well and no time passes. */
export function fairChoices(world: World, deliveries: readonly Delivery[]): Choice[] {
  const arrivals = world.requests
    .filter(({ waiting }) => waiting !== undefined)
    .map((request) => ({ name: "answers", weight: request.answer === undefined ? 12 : 5, happen: () => serve(world, request) }));
  const handlers = deliveries
    .filter(({ goOn, dead }) => goOn !== undefined && !dead)
    .map((delivery) => ({ name: "steps of a handler", weight: 10, happen: () => goOn(delivery) }));
  return [...arrivals, ...handlers];
}

async function serve(world: World, request: Request): Promise<void> {
  if (request.answer === undefined) await world.apply(request);
  world.arrive(request);
}

function goOn(delivery: Delivery): void {
  const open = delivery.goOn;
  delivery.goOn = undefined;
  open?.();
}

// Most of what can go wrong goes wrong where a lease or a record ends, by one clock or another.
export function timeChoices(world: World): Choice[] {
  const now = world.now();
  const { leaseUntil = 0, expiresAt = 0 } = world.record() ?? {};
  const edges = [
    leaseUntil - 500,
    leaseUntil,
    leaseUntil + 500,
    leaseUntil + 1000,
    leaseUntil + 1500,
    expiresAt * 1000,
    expiresAt * 1000 + 500,
  ];
  const moments = [world.nextTimer() ?? 0, now + 300, now + 1000, ...edges].filter((moment) => moment > now);
  return moments.map((moment) => ({ name: "jumps of time", weight: 2, happen: () => world.advanceTo(moment) }));
}

export function faultChoices(world: World, deliveries: readonly Delivery[], lifetimeMs: number): Choice[] {
  const choices: Choice[] = [];
  for (const request of world.requests) {
    const { waiting, answer, command } = request;
    const purpose = purposeOf(command);
    const lost = { name: `lost answers: ${purpose}`, weight: purpose === "read of a result" ? 8 : 2 };
    // A write is not still on its way when the record that it writes would have been deleted: DynamoDB takes no signature
    // that is older than minutes.
    if (waiting === undefined && world.now() - request.sentAt >= lifetimeMs) continue;
    if (waiting === undefined) choices.push({ name: "late arrivals", weight: 3, happen: () => world.apply(request) });
    else if (answer === undefined) {
      choices.push(
        { name: "answers under way", weight: 6, happen: () => world.apply(request) },
        { ...lost, happen: () => loseAnswer(world, request) },
        { name: "lost requests", weight: 1, happen: () => world.lose(request) },
        { name: "throttled requests", weight: 1, happen: () => world.reject(request, "throttled") },
        { name: "conflicts", weight: 1, happen: () => world.reject(request, "conflict") },
        { name: "refused connections", weight: 1, happen: () => world.reject(request, "unsent") },
      );
    } else choices.push({ ...lost, happen: () => world.lose(request) });
  }
  for (const key of world.overdue()) {
    const record = world.record();
    // The older build's record says too early that it has expired: TTL is late for as long as its run goes on.
    if (record?.owner === olderOwner && world.now() < record.leaseUntil + 2000) continue;
    choices.push({ name: "deletions by TTL", weight: 6, happen: () => world.removeByTtl(key) });
  }
  for (const delivery of deliveries) {
    if (delivery.startedAt > 0 && !isDone(delivery)) choices.push({ name: "crashes", weight: 1, happen: () => world.crash(delivery) });
  }
  return choices;
}

async function loseAnswer(world: World, request: Request): Promise<void> {
  await world.apply(request);
  world.lose(request);
}
