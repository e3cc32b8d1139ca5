import { fail, isObject } from "../../core/check.ts";
import { IdempotencyError, messageOf } from "../../core/errors.ts";
import { canonicalJson } from "../../core/fingerprint.ts";

/** How much of each effect there is: totals by their path, elements by path and value. None is 0. */
export type Amounts = ReadonlyMap<string, number>;

/** What `effects()` answered, taken apart at once: the lists in it may grow. */
export interface Snapshot {
  /** Numbers may go up and down. */
  readonly totals: Amounts;
  /** How often each element is there; only ever more often. */
  readonly elements: Amounts;
}

const wayOut =
  "give numbers, which are compared by their difference; lists, Sets, and members of objects and Maps, compared by what is added, " +
  "with elements of plain data, dates or bytes";

/**
 * Takes apart what `effects()` answered.
 *
 * @throws IdempotencyError `CONFIG_INVALID` for what cannot be compared, with its path.
 */
export function snapshotOf(effects: unknown): Snapshot {
  const totals = new Map<string, number>();
  const elements = new Map<string, number>();
  const ancestors = new Set<unknown>();

  function walk(value: unknown, path: string): void {
    if (value === undefined) return;
    if (typeof value === "number" || typeof value === "bigint") return addTotal(value, path);
    const members = membersOf(value);
    if (members === undefined) return add(elements, `${path} ${elementText(value, path)}`, 1);
    if (ancestors.has(value)) throw incomparable(path, "refers back to what contains it");
    ancestors.add(value);
    if (members.kind === "list") for (const [text, count] of countsOf(members.values, path)) add(elements, `${path} ${text}`, count);
    else for (const [name, member] of members.entries) walk(member, `${path}.${typeof name === "string" ? name : elementText(name, path)}`);
    ancestors.delete(value);
  }

  function addTotal(value: number | bigint, path: string): void {
    if (!Number.isFinite(Number(value))) throw incomparable(path, `is ${value}`);
    add(totals, path, Number(value));
  }

  const isTotal = typeof effects === "number" || typeof effects === "bigint";
  if (!isTotal && !isObject(effects)) throw fail("effects()", effects, "it must be a number, a list, or an object of these");
  walk(effects, "effects()");
  return { totals, elements };
}

/**
 * What was added between two snapshots.
 *
 * @throws IdempotencyError `CONFIG_INVALID` where an element is there less often than before.
 */
export function addedBetween(before: Snapshot, after: Snapshot): Amounts {
  const added = new Map<string, number>();
  for (const kind of ["totals", "elements"] as const) {
    for (const label of new Set([...before[kind].keys(), ...after[kind].keys()])) {
      const amount = rounded((after[kind].get(label) ?? 0) - (before[kind].get(label) ?? 0));
      if (kind === "elements" && amount < 0) {
        const what = `no longer has ${label}: what changes or goes away cannot be compared`;
        throw incomparable("effects()", what, "list what was done, or count it");
      }
      if (amount !== 0) added.set(label, amount);
    }
  }
  return added;
}

/** Is it an element, of a list or a Set or a text, and no total? */
export function isElementOf({ elements }: Snapshot, label: string): boolean {
  return elements.has(label);
}

/** As text, in a fixed order; two amounts are the same where their texts are. */
export function amountsText(amounts: Amounts): string {
  const entries = [...amounts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? "nothing" : entries.map(([label, amount]) => `${amount > 0 ? "+" : ""}${amount} × ${label}`).join(", ");
}

/** The difference of two sums of fractions is not exactly what was added. */
export function rounded(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}

function add(amounts: Map<string, number>, label: string, amount: number): void {
  amounts.set(label, (amounts.get(label) ?? 0) + amount);
}

type Members =
  | { readonly kind: "list"; readonly values: readonly unknown[] }
  | { readonly kind: "named"; readonly entries: Iterable<[unknown, unknown]> };

// By tag, not by instanceof: a test runner has realms of its own.
function membersOf(value: unknown): Members | undefined {
  const tag = Object.prototype.toString.call(value);
  if (Array.isArray(value)) return { kind: "list", values: value };
  if (tag === "[object Set]") return { kind: "list", values: [...(value as Set<unknown>)] };
  if (tag === "[object Map]") return { kind: "named", entries: value as Map<unknown, unknown> };
  if (tag === "[object Object]" && isPlain(value as object)) return { kind: "named", entries: Object.entries(value as object) };
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function countsOf(values: readonly unknown[], path: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [i, value] of values.entries()) add(counts, elementText(value, `${path}[${i}]`), 1);
  return counts;
}

/** Lists grow and are read again for each schedule: the text of each element, for as long as its JSON is the same. */
const known = new WeakMap<object, { readonly json: string; readonly text: string }>();

function elementText(value: unknown, path: string): string {
  const json = typeof value === "object" && value !== null ? jsonOf(value) : undefined;
  if (json === undefined) return canonicalText(value, path);
  const before = known.get(value as object);
  if (before?.json === json) return before.text;
  const text = canonicalText(value, path);
  known.set(value as object, { json, text });
  return text;
}

function canonicalText(value: unknown, path: string): string {
  try {
    return withoutMarks(canonicalJson(value, path));
  } catch (cause) {
    throw new IdempotencyError("CONFIG_INVALID", `${ofEffects(messageOf(cause))}: ${wayOut}`, { path, cause });
  }
}

// What canonical JSON refuses, it says of payloads and their fingerprints.
function ofEffects(message: string): string {
  return message.split(": it cannot be fingerprinted")[0] ?? message;
}

// Canonical JSON marks what JSON has no form for: @date"…". A text of the same look stands in quotes.
function withoutMarks(canonical: string): string {
  return canonical.replaceAll(/"(?:[^"\\]|\\.)*"|@undefined|@\w+(?=")/g, (part) =>
    part.startsWith("@") ? part.slice(1) + (part === "@undefined" ? "" : " ") : part,
  );
}

function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // canonical JSON has a form for more, and better words for the rest
  }
}

function incomparable(path: string, what: string, way: string = wayOut): IdempotencyError {
  return new IdempotencyError("CONFIG_INVALID", `${path} ${what}: ${way}`, { path });
}
