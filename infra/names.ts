// What TypeScript sees, for those who write without it.
import type { IConstruct } from "constructs";
import { refuse } from "./findings.ts";

/** Every name of an interface, which is held to it by its type. */
export type Names<Props> = Readonly<Record<keyof Props, true>>;

export function checkNames<Props extends object>(scope: IConstruct, props: Props, names: Names<Props>): void {
  for (const [name, value] of Object.entries(props))
    if (value !== undefined && !Object.hasOwn(names, name))
      refuse(scope, name, value, `there is no such prop; there are ${Object.keys(names).join(", ")}`);
}

/** Refuses what lacks a method, and so is not what is asked for. */
export function checkHas(scope: IConstruct, path: string, value: unknown, method: string, allowed: string): void {
  const found = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[method] : undefined;
  if (typeof found !== "function") refuse(scope, path, value ?? "missing", allowed);
}
