import { nameOf } from "../../core/record.ts";
import { type Delivered, type Environment, type MakeHandler, startEnvironment } from "./environment.ts";
import { nextTurn, patienceMs } from "../real-time.ts";
import { lastSentMs, withMessages } from "./queue.ts";
import { redelivered } from "./redelivery.ts";
import { type Delivery, lapseMs, type Schedule } from "./schedule.ts";
import { type Decided, isClosed, lapseLeases, type Move, newWorld, turn, type World } from "./world.ts";

/** What is tested. */
export interface Subject {
  readonly makeHandler: MakeHandler;
  readonly events: readonly unknown[];
  /** How many have been made so far. */
  deliveries: number;
}

/** A delivery that has been made. */
export interface Made extends Delivered {
  readonly cold: boolean;
  /** The messages of a batch that were left to be delivered; undefined for the whole event. */
  readonly left: readonly string[] | undefined;
}

/** Deliveries that were made at the same time. */
export interface MadeWave {
  /** How long after the wave before, milliseconds. */
  readonly laterMs: number;
  readonly deliveries: readonly Made[];
  /** Which requests the store decided meanwhile, in order. */
  readonly log: readonly Decided[];
}

/** What came of a schedule. */
export interface Played {
  readonly waves: readonly MadeWave[];
  /** The names of the records that are left. */
  readonly records: readonly string[];
  /** Is one of them closed, so that no further delivery gets an answer? */
  readonly closed: boolean;
}

/** A delivery that does not come to an end. */
export class NeverSettled extends Error {
  /** What was delivered before it. */
  readonly waves: readonly MadeWave[];

  constructor(message: string, waves: readonly MadeWave[]) {
    super(message);
    this.waves = waves;
  }
}

/** More in one schedule than any handlers make that come to an end. */
const maxMoves = 5000;

/**
 * Plays a schedule on a store of its own. Then delivers each event that has no answer again, undisturbed, after all
 * leases have lapsed, as its source would: up to `redeliveries` times. Of a batch, only the messages which the answers so far
 * have left in the queue.
 *
 * @param afterWave Called when the deliveries of a wave have ended, with the number of completed records so far.
 *
 * @throws NeverSettled where a delivery does not come to an end.
 */
export async function play(
  subject: Subject,
  schedule: Schedule,
  redeliveries: number,
  afterWave?: (completed: number) => Promise<void>,
): Promise<Played> {
  const world = newWorld(lastSentMs(subject.events));
  const times = new Map<number, number>();
  const environments: Environment[] = [];
  const waves: MadeWave[] = [];

  async function wave(deliveries: readonly Delivery[], order: readonly number[], laterMs: number, left?: readonly string[]): Promise<void> {
    const taken = deliveries.map(({ event, cold, crash }) => {
      const idle = cold ? undefined : environments.find((environment) => !environment.isDead() && !environment.isUnderWay());
      const environment = idle ?? startEnvironment(world, subject.makeHandler, environments.length);
      if (idle === undefined) environments.push(environment);
      const [nth, ofEvent] = [++subject.deliveries, (times.get(event) ?? 0) + 1];
      times.set(event, ofEvent);
      const copy = structuredClone(subject.events[event]);
      const payload = redelivered(left === undefined ? copy : withMessages(copy, left), { nth, ofEvent });
      environment.deliver({ nth, event, payload, crash });
      return { environment, cold: idle === undefined };
    });
    await drive(world, environments, order, waves);
    const made = taken.flatMap(({ environment, cold }): Made[] => {
      const delivered = environment.delivered();
      return delivered === undefined ? [] : [{ ...delivered, cold, left }];
    });
    waves.push({ laterMs, deliveries: made, log: world.log.splice(0) });
    await afterWave?.([...world.records.values()].filter(({ status }) => status === "completed").length);
  }

  for (const { lapsed, deliveries, order } of schedule) await wave(deliveries, order, lapsed ? lapseLeases(world, lapseMs) : 0);
  for (const event of new Set(schedule.flatMap(({ deliveries }) => deliveries.map(({ event }) => event)))) {
    for (let again = 0; again < redeliveries && !isAnswered(waves, event); again++)
      await wave([{ event, cold: false }], [], lapseLeases(world), messagesLeft(waves, event));
  }
  const records = [...world.records.values()];
  return { waves, records: records.map(({ id }) => nameOf(id)), closed: records.some(isClosed) };
}

/** Has one of its deliveries been answered? Or has each message of a batch been by one of them? */
export function isAnswered(waves: readonly MadeWave[], event: number): boolean {
  const isDone = waves.some(({ deliveries }) => deliveries.some((made) => made.event === event && made.ended.kind === "answered"));
  return isDone || messagesLeft(waves, event)?.length === 0;
}

/** The messages of a batch that its queue still has, since each answer so far names them; undefined for all. */
function messagesLeft(waves: readonly MadeWave[], event: number): readonly string[] | undefined {
  return waves
    .flatMap(({ deliveries }) => deliveries.flatMap((made) => (made.event === event && made.ended.kept ? [made.ended.kept] : [])))
    .reduce<readonly string[] | undefined>((left, kept) => left?.filter((id) => kept.includes(id)) ?? kept, undefined);
}

// Until no delivery is under way.
async function drive(
  world: World,
  environments: readonly Environment[],
  order: readonly number[],
  waves: readonly MadeWave[],
): Promise<void> {
  const left = [...order];

  function neverSettled(how: string, hint: string): never {
    const stands = environments.filter((environment) => environment.isUnderWay()).map((environment) => environment.stand());
    throw new NeverSettled(`the handler did not settle ${how}; ${stands.join(", ")}\nA handler must settle by itself; ${hint}.`, waves);
  }

  for (let moves = 0; ;) {
    await nextTurn(); // whoever has not come to a request by now waits for the outside
    if (!environments.some((environment) => environment.isUnderWay())) return;
    const move = nextRequest(world, left) ?? nextSleep(world, environments);
    if (move === undefined)
      await world.stirred(() =>
        neverSettled(`within ${patienceMs} ms of real time`, "timers of its own do not run while a test runner fakes them"),
      );
    else if (++moves > maxMoves)
      neverSettled(`after ${maxMoves} requests to the store and sleeps`, "this one asks, or sleeps by the store's clock, again and again");
    else {
      if (move.wakeAt !== undefined) turn(world, Math.max(0, move.wakeAt - world.clock.now()));
      move.go();
    }
  }
}

function nextRequest({ moves }: World, order: number[]): Move | undefined {
  const requests = [...moves].filter(({ wakeAt }) => wakeAt === undefined).toSorted((a, b) => a.place - b.place);
  return requests.length > 1 ? requests[(order.shift() ?? 0) % requests.length] : requests[0];
}

// Time passes only where nothing else happens, and never so much that what is at work would lose its lease by it. Not the
// sleep that ends first is taken, since the core's jitter would decide that: whoever sleeps may be woken late.
function nextSleep({ moves }: World, environments: readonly Environment[]): Move | undefined {
  const limit = Math.min(...environments.filter((environment) => environment.isWorking()).map((environment) => environment.clockLimit()));
  return [...moves].find(({ wakeAt = 0 }) => wakeAt < limit);
}
