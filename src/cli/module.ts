// A function of the handler's, from a module of the user's.
import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isObject } from "../core/check.ts";
import { messageOf } from "../core/errors.ts";
import { Refusal } from "./failure.ts";
import type { Given } from "./command.ts";
import type { HandlerOptions } from "../redrive/index.ts";

const defaultExport = "default";

/** What the handler's options say, as they were given. */
export async function handlerParts(
  given: Given,
): Promise<Pick<HandlerOptions, "key" | "fingerprint" | "onLeaseExpired" | "retentionSeconds">> {
  return {
    key: await functionOf(given, "key-from"),
    fingerprint: await functionOf(given, "fingerprint-from"),
    onLeaseExpired: given.oneOf("on-lease-expired", "run", "throw"),
    retentionSeconds: given.wholeNumber("retention-seconds", 0), // the library knows its range
  };
}

// Nobody can see here what the function takes and gives: the library checks what it gave.
async function functionOf(given: Given, option: "key-from" | "fingerprint-from"): Promise<(() => string) | undefined> {
  const reference = given.text(option);
  if (reference === undefined) return undefined;
  const [file, name] = split(reference);
  const loaded = await load(file, option);
  const found = exported(loaded, name);
  if (typeof found === "function") return found as () => string;
  throw new Refusal(`--${option}: ${file} ${found === undefined ? "has no export" : "has no function as its export"} "${name}"`);
}

function split(reference: string): readonly [file: string, name: string] {
  const at = reference.lastIndexOf("#");
  return at === -1 ? [reference, defaultExport] : [reference.slice(0, at), reference.slice(at + 1) || defaultExport];
}

async function load(file: string, option: string): Promise<unknown> {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) throw new Refusal(`--${option}: there is no file ${file}`);
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new Refusal(`--${option}: ${file} cannot be loaded: ${messageOf(error)}`);
  }
}

/** Of a CommonJS module not all exports are seen from outside; its `module.exports` is the default one. */
function exported(loaded: unknown, name: string): unknown {
  if (!isObject(loaded)) return undefined;
  const whole = loaded[defaultExport];
  const found =
    loaded[name] ?? (isObject(whole) || typeof whole === "function" ? (whole as unknown as Record<string, unknown>)[name] : undefined);
  // Compiled from an ES module: its default export is a member of its own.
  return name === defaultExport && isObject(found) && defaultExport in found ? found[defaultExport] : found;
}
