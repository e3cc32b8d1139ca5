import { describe, expect, it } from "vitest";
import { explored } from "./check.ts";
import { configurationOf } from "./configurations.ts";
import { keyOf } from "./keys.ts";
import type { Configuration, ExecutionState, State } from "./state.ts";

type Key = (state: State) => string;

// What docs/protocol.md says that a key leaves out; `memo` is no part of a state.
const leftOut = new Set(["memo", "id", "version", "keyParts", "retentionSeconds", "startedAt"]);

/** Everything else of a state. */
function wholeOf({ stray, children, ...state }: State): string {
  return textOf({ ...state, stray: stray.map(textOf).sort(), children: children.map(textOf).sort() });
}

// Parts of states are never changed in place, and most are shared by many states.
const texts = new WeakMap<object, string>();

function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const text = texts.get(value) ?? (Array.isArray(value) ? `[${value.map(textOf).join()}]` : textOfMembers(value));
  texts.set(value, text);
  return text;
}

function textOfMembers(value: object): string {
  const members = Object.entries(value).filter(([name, member]) => !leftOut.has(name) && member !== undefined);
  return `{${members
    .map(([name, member]) => `${name}:${textOf(member)}`)
    .sort()
    .join()}}`;
}

/** The key, where it is the same for the same states, and only for these. */
function compared(key: Key): Key {
  const wholes = new Map<string, string>();
  const keys = new Map<string, string>();
  return (state) => {
    const [short, whole] = [key(state), wholeOf(state)];
    if ((wholes.get(short) ?? whole) !== whole) throw new Error(`two states under one key:\n${wholes.get(short)}\n${whole}`);
    if ((keys.get(whole) ?? short) !== short) throw new Error(`two keys for one state:\n${keys.get(whole)}\n${short}\n${whole}`);
    wholes.set(short, whole);
    keys.set(whole, short);
    return short;
  };
}

const narrowed = (name: string, changes: Partial<Configuration>): Configuration => ({ ...configurationOf(name), ...changes });
const none = { crashes: 0, losses: 0, deletions: 0, extensions: 0 };
const olderBuild = configurationOf("older build");
const large = narrowed("large result", { untilMs: 2000, budget: { ...none, deletions: 1 } });
const losing = narrowed("keep", { untilMs: 1000, budget: { ...none, losses: 1 } });
const waiting = narrowed("wait and throw", { untilMs: 2000, budget: { ...none, extensions: 1 } });
const left = narrowed("extension left", { untilMs: 3000 });

describe("a key is the same for the same states, and only for these", () => {
  it.for([olderBuild, large, losing, waiting, left])("$name", (configuration) => {
    const { states } = explored(configuration, { key: compared(keyOf) });
    expect(states).toBeGreaterThan(1000);
  });
});

// Each in a configuration where nothing else tells the same states apart. `toTell`, and the record's status, expiry,
// fingerprint and result, follow from the rest in all of them, so that forgetting them would not show here.
describe("a member that a key forgets is found", () => {
  const ofStates: readonly (readonly [string, Configuration, Partial<State>])[] = [
    ["now", olderBuild, { now: 0 }],
    ["record", olderBuild, { record: undefined }],
    ["children", large, { children: [] }],
    ["stray", olderBuild, { stray: [] }],
    ["left", losing, { left: none }],
    ["kept", olderBuild, { kept: undefined }],
  ];
  it.for(ofStates)("%s", ([, configuration, forgotten]) => {
    expectFound(configuration, (state) => ({ ...state, ...forgotten }));
  });

  const ofExecutions: readonly (readonly [string, Configuration, Partial<ExecutionState>])[] = [
    ["phase", olderBuild, { phase: "running" }],
    ["sent", olderBuild, { sent: undefined }],
    ["answer", olderBuild, { answer: undefined }],
    ["ref", waiting, { ref: undefined }],
    ["leaseUntil", losing, { leaseUntil: undefined }],
    ["unstarted", losing, { unstarted: undefined }],
    ["waitUntil", waiting, { waitUntil: undefined }],
    ["ran", olderBuild, { ran: false }],
    ["closed", olderBuild, { closed: false }],
    ["unsure", olderBuild, { unsure: false }],
  ];
  it.for(ofExecutions)("%s of an execution", ([, configuration, forgotten]) => {
    expectFound(configuration, (state) => ({ ...state, executions: state.executions.map((one) => ({ ...one, memo: {}, ...forgotten })) }));
  });

  const ofRecords: readonly (readonly [string, Configuration, Partial<NonNullable<State["record"]>>])[] = [
    ["owner", losing, { owner: "" }],
    ["attempt", olderBuild, { attempt: 0 }],
    ["leaseUntil", olderBuild, { leaseUntil: 0 }],
  ];
  it.for(ofRecords)("%s of the record", ([, configuration, forgotten]) => {
    expectFound(configuration, ({ record, ...state }) => ({ ...state, record: record && { ...record, ...forgotten } }));
  });
});

function expectFound(configuration: Configuration, forget: (state: State) => State): void {
  expect(() => explored(configuration, { key: compared((state) => keyOf(forget(state))) })).toThrow("two states under one key");
}
