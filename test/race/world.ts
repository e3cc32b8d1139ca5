// Where deliveries meet: one time for all, requests on their way, and a table. Nothing moves unless the driver moves it.
import type { Clock } from "../../src/core/clock.ts";
import type { StoredRecord } from "../../src/core/record.ts";
import { fromItem, type Item } from "../../src/dynamodb/item.ts";
import { claimSortKey, sortKey } from "../../src/dynamodb/table.ts";
import { describeCommand, type Purpose, purposeOf, seconds } from "./describe.ts";
import { type Command, type MemoryTable, Refused, timeToLiveOf } from "./table.ts";
import { id } from "./identity.ts";
import { epochMs, openTime } from "./time.ts";

/** Who sends requests: a delivery, or its process. */
export interface Sender {
  readonly name: string;
  readonly owner: string;
  readonly skewMs: number;
  /** Its process is gone: nothing of it goes on, and what it has sent may still arrive. */
  dead: boolean;
  /** What it has sent, in the words of traces; a request that is sent again counts once. */
  readonly sent: string[];
  /** What went wrong with requests of its own; one that time passed over is slow. */
  readonly troubles: Trouble[];
  /** How many of them were of earlier requests than the last one. */
  troublesBefore: number;
  /** Has an answer told it of a record? … */
  hasSeen: boolean;
  /** … and of a claim of its own? */
  hasSeenOwn: boolean;
  /** How many of its reads were answered. */
  reads: number;
  /** The record that has refused its last end, and when it was told so. */
  endRefused: { readonly record: StoredRecord; readonly at: number } | undefined;
}

export interface Trouble {
  readonly purpose: Purpose;
  readonly how: "lost" | "slow" | keyof typeof rejections;
}

/** A request on its way, or its answer on the way back. */
export interface Request {
  readonly by: Sender;
  readonly command: Command;
  /** When it was sent first, by the world's time. */
  readonly sentAt: number;
  /** When this try of it was sent. */
  readonly triedAt: number;
  /** The answer, once the table has decided. */
  answer?: Answer;
  /** Undefined for a request that nobody waits for any more. */
  waiting: Waiting | undefined;
}

type Answer = { readonly output: object } | { readonly refused: Error };

interface Waiting {
  resolve(output: object): void;
  reject(error: Error): void;
}

/** The SDK's: what is put in here goes around each try. */
type Middleware = (next: (args: { input: object }) => Promise<object>) => (args: { input: object }) => Promise<object>;

/** What `dynamodbStore` takes for a client. */
export interface Client {
  send(command: Command, options?: { abortSignal?: AbortSignal | undefined }): Promise<object>;
  readonly middlewareStack: { add(middleware: Middleware): void };
}

/** What is told of the world's changes. */
export interface Watcher {
  wrote(by: Sender, before: StoredRecord | undefined, after: StoredRecord | undefined, sentAt: number): void;
  removed(before: StoredRecord): void;
}

export interface World {
  /** From now on this one is told. */
  watch(watcher: Watcher): void;
  now(): number;
  readonly requests: readonly Request[];
  /** When the next timer is due, if there is one. */
  nextTimer(): number | undefined;
  advanceTo(moment: number): Promise<void>;
  clockOf(sender: Sender): Clock;
  clientOf(sender: Sender, tries: number): Client;
  /** The table decides, and the answer goes on its way. */
  apply(request: Request): Promise<void>;
  /** The answer arrives. */
  arrive(request: Request): void;
  /** No answer will come: the client sends the request again or gives up. One that was not decided may still be, late. */
  lose(request: Request): void;
  /** The table, or the network, refuses to take the request. */
  reject(request: Request, how: "throttled" | "conflict" | "unsent"): void;
  crash(sender: Sender): void;
  /** Keys of items that TTL may delete by now. */
  overdue(): string[];
  removeByTtl(key: string): Promise<void>;
  record(): StoredRecord | undefined;
  log(line: () => string): void;
  readonly lines: readonly string[];
}

export interface WorldOptions {
  readonly table: MemoryTable;
  /** Decides a request; the table in memory does, unless an engine stands beside it. */
  decide(command: Command): Promise<object> | object;
  remove(key: string): Promise<void> | void;
  readonly isLogged: boolean;
}

export function openWorld({ table, decide, remove, isLogged }: WorldOptions): World {
  let watcher: Watcher | undefined;
  const time = openTime();
  const { now } = time;
  let requests: Request[] = [];
  const lines: string[] = [];

  function log(line: () => string): void {
    if (isLogged) lines.push(`${seconds(now() - epochMs)}  ${line()}`);
  }

  function record(): StoredRecord | undefined {
    for (const item of table.items.values()) if (item[sortKey]?.S === claimSortKey) return fromItem(id, item);
    return undefined;
  }

  function drop(request: Request): void {
    requests = requests.filter((other) => other !== request);
  }

  function failed(request: Request, how: Trouble["how"], error: Error): void {
    const { by, command, waiting } = request;
    request.waiting = undefined;
    if (waiting === undefined) return;
    by.troubles.push({ purpose: purposeOf(command), how });
    waiting.reject(error);
  }

  function slowed({ waiting, by, command }: Request): void {
    if (waiting !== undefined) by.troubles.push({ purpose: purposeOf(command), how: "slow" });
  }

  function clientOf(by: Sender, tries: number): Client {
    let around: Middleware = (next) => next;

    function tryOnce(command: Command, sentAt: number, signal: AbortSignal | undefined): Promise<object> {
      return new Promise((resolve, reject) => {
        if (by.dead) return;
        const request: Request = { by, command, sentAt, triedAt: now(), waiting: { resolve, reject } };
        requests.push(request);
        signal?.addEventListener("abort", () => failed(request, "slow", Object.assign(new Error("aborted"), { name: "AbortError" })));
      });
    }

    return {
      middlewareStack: { add: (middleware) => void (around = middleware) },
      // As the SDK: it sends again what had no answer or was refused for load, and says in the end how often it tried.
      async send(command, { abortSignal } = {}) {
        if (!by.dead) {
          by.sent.push(describeCommand(command));
          by.troublesBefore = by.troubles.length;
          log(() => `${by.name} sends: ${describeCommand(command)}`);
        }
        const sentAt = now();
        const attempt = around(() => tryOnce(command, sentAt, abortSignal));
        for (let attempts = 1; ; attempts++) {
          try {
            return await attempt({ input: command.input });
          } catch (error) {
            const isFinal = attempts === tries || /Conflict|ConditionalCheck|Abort/.test((error as Error).name);
            if (isFinal) throw Object.assign(error as Error, { $metadata: { attempts } });
          }
        }
      },
    };
  }

  return {
    watch: (told) => void (watcher = told),
    now,
    nextTimer: time.next,
    get requests() {
      return requests;
    },
    async advanceTo(moment) {
      const passed = new Set(moment > now() ? requests : []);
      passed.forEach(slowed);
      await time.advanceTo(moment);
      // A timer on the way may have sent some.
      for (const request of requests) if (request.triedAt < now() && !passed.has(request)) slowed(request);
    },
    clockOf: (by) => ({
      now: () => now() + by.skewMs,
      sleep: (ms) => new Promise((resolve) => void time.timer(by, ms, resolve)),
      timer: (ms, done) => time.timer(by, ms, done),
    }),
    clientOf,
    async apply(request) {
      const before = record();
      try {
        request.answer = { output: await decide(request.command) };
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        request.answer = { refused: error };
      }
      log(
        () =>
          `  the table ${"output" in (request.answer ?? {}) ? "takes" : "refuses"} ${request.by.name}'s ${describeCommand(request.command)}`,
      );
      if ("output" in request.answer) watcher?.wrote(request.by, before, record(), request.sentAt);
      if (request.waiting === undefined) drop(request);
    },
    arrive(request) {
      drop(request);
      const { answer, waiting } = request;
      if (waiting === undefined || answer === undefined) return;
      log(() => `  ${request.by.name} gets its answer`);
      tell(request.by, purposeOf(request.command), answer, now());
      if ("output" in answer) waiting.resolve(answer.output);
      else waiting.reject(answer.refused);
    },
    lose(request) {
      log(() => `  ${request.by.name}'s ${describeCommand(request.command)} gets no answer`);
      if (request.answer !== undefined) drop(request);
      failed(request, "lost", Object.assign(new Error("no answer"), { name: "TimeoutError" }));
    },
    reject(request, how) {
      log(() => `  ${request.by.name}'s ${describeCommand(request.command)} is not taken: ${how}`);
      drop(request);
      failed(request, how, rejections[how]());
    },
    crash(sender) {
      log(() => `${sender.name}'s process dies`);
      sender.dead = true;
      time.forget(sender);
      for (const request of requests) if (request.by === sender) request.waiting = undefined;
      requests = requests.filter(({ waiting, answer }) => waiting !== undefined || answer === undefined);
    },
    overdue() {
      const due: string[] = [];
      for (const [key, item] of table.items) if (timeToLiveOf(item) * 1000 <= now()) due.push(key);
      return due;
    },
    async removeByTtl(key) {
      const before = record();
      await remove(key);
      log(() => `  TTL deletes ${key.split("|")[1] === claimSortKey ? "the record" : "a part of a result"}`);
      if (before !== undefined && record() === undefined) watcher?.removed(before);
    },
    record,
    log,
    lines,
  };
}

// What a sender knows once an answer has come.
function tell(by: Sender, purpose: Purpose, answer: Answer, at: number): void {
  if (purpose === "read") by.reads++;
  const item = "output" in answer ? (answer.output as { Item?: Item }).Item : (answer.refused as Refused).Item;
  const isClaimed = (purpose === "claim" || purpose === "takeover") && "output" in answer;
  if (purpose === "end") by.endRefused = "refused" in answer && item !== undefined ? { record: fromItem(id, item), at } : undefined;
  by.hasSeen ||= item !== undefined || isClaimed;
  by.hasSeenOwn ||= item?.["owner"]?.S === by.owner || isClaimed;
}

const rejections = {
  throttled: () => Object.assign(new Error("too much"), { name: "ThrottlingException" }),
  conflict: () => Object.assign(new Error("another write"), { name: "TransactionConflictException" }),
  unsent: () => Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
};
