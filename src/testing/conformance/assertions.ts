import { canonicalJson } from "../../core/fingerprint.ts";
import { sha256 } from "../../core/key.ts";
import type { Answer } from "../../core/store.ts";

export function checkApplied(what: string, answer: Answer): void {
  check(`the answer to ${what}`, answer?.applied, true);
}

/** Deep equality in which an undefined member counts as absent. What differs is told member by member. */
export function check(what: string, got: unknown, wanted: unknown): void {
  const found = differences(got, wanted, "");
  if (found.length > 0) throw new Error([`${what}:`, ...found].join("\n  "));
}

/** As `check`, where more than one thing is right. */
export function checkOneOf(what: string, got: unknown, wanted: readonly unknown[]): void {
  const found = wanted.map((one) => differences(got, one, ""));
  if (found.some((one) => one.length === 0)) return;
  throw new Error(`${what}:${found.map((one) => `\n  ${one.join("\n  ")}`).join("\nor")}`);
}

/** Tells where two texts part, not all of them. */
export function checkText(what: string, got: string | undefined, wanted: string | undefined): void {
  if (got === wanted) return;
  if (got === undefined || wanted === undefined) return check(what, got, wanted);
  let at = 0;
  while (got[at] === wanted[at] && at < wanted.length) at++;
  throw new Error(`${what}: expected ${wanted.length} characters, got ${got.length}; they part at ${at}`);
}

function differences(got: unknown, wanted: unknown, path: string): string[] {
  if (textOf(got) === textOf(wanted)) return [];
  if (!isPlain(got) || !isPlain(wanted)) return [`${path === "" ? "" : `${path}: `}expected ${textOf(wanted)}, got ${textOf(got)}`];
  const names = new Set([...Object.keys(wanted), ...Object.keys(got)]);
  return [...names].flatMap((name) => differences(got[name], wanted[name], path === "" ? name : `${path}.${name}`));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]";
}

const shownLength = 300;

function textOf(value: unknown): string {
  if (value === undefined) return "nothing";
  try {
    const text = canonicalJson(value);
    return text.length <= shownLength ? text : `${text.slice(0, shownLength)}… (${text.length} characters, SHA-256 ${sha256(text)})`;
  } catch {
    return `no plain data (${Object.prototype.toString.call(value)})`;
  }
}
