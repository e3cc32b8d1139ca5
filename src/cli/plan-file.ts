// A plan as a file.
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { messageOf } from "../core/errors.ts";
import type { RedrivePlan } from "../redrive/index.ts";
import { checkPlan } from "../redrive/plan-file.ts";
import { Refusal } from "./failure.ts";

/** Makes a file, and has it filled. It is there before the work, which may take long, and gone where the work fails or the process ends. */
export async function writtenTo(path: string, work: () => Promise<RedrivePlan>): Promise<RedrivePlan> {
  const file = newFile(path);
  const remove = () => rmSync(path, { force: true });
  process.once("exit", remove); // a second Ctrl-C
  try {
    const plan = await work();
    writeFileSync(file, `${JSON.stringify(plan, undefined, 2)}\n`);
    return plan;
  } catch (error) {
    remove();
    throw error;
  } finally {
    process.off("exit", remove);
    closeSync(file);
  }
}

function newFile(path: string): number {
  try {
    return openSync(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST")
      throw new Refusal(`--out: ${path} exists already, and is not overwritten: give another name`);
    throw new Refusal(`--out: ${path} cannot be written: ${messageOf(error)}`);
  }
}

/** @throws Refusal for a file that cannot be read, or is no JSON; IdempotencyError `CONFIG_INVALID` for what is no plan, or was changed. */
export function readPlan(path: string): RedrivePlan {
  return checkPlan(json(path, text(path)));
}

function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Refusal(`--plan: ${path} cannot be read: ${messageOf(error)}`);
  }
}

function json(path: string, content: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, "")); // an editor's byte order mark
  } catch (error) {
    throw new Refusal(`--plan: ${path} is no JSON: ${messageOf(error)}`);
  }
}
