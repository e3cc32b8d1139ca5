// A state as a short text, the same for the same state.
import type { StoredRecord } from "../../src/core/record.ts";
import type { ClaimRef, Outcome } from "../../src/core/store.ts";
import type { Answer, Child, ExecutionState, Request, State, Told } from "./state.ts";

// Texts of parts, numbered: a key of numbers is short, and millions of them are kept.
const numbers = new Map<string, number>();

/** Equal for equal states, and only for these. */
export function keyOf({ now, record, children, executions, stray, left, kept }: State): string {
  let key = `${now} ${numberOf(textOfRecord(record))}`;
  for (const execution of executions) key += ` ${keyOfExecution(execution)}`;
  if (stray.length > 0) key += ` s${stray.map(textOfRequest).sort().join(";")}`;
  if (children.length > 0) key += ` c${children.map(textOfChild).sort().join()}`;
  key += ` ${left.crashes}${left.losses}${left.deletions}${left.extensions}`;
  return kept === undefined ? key : `${key} ${kept.owner}${kept.status}${kept.completedAt},${kept.until}`;
}

function numberOf(text: string): number {
  let number = numbers.get(text);
  if (number === undefined) numbers.set(text, (number = numbers.size));
  return number;
}

// Most actions change one execution: what is known of the others is kept with them.
function keyOfExecution(execution: ExecutionState): number {
  return (execution.memo.key ??= numberOf(textOfExecution(execution)));
}

function textOfExecution(execution: ExecutionState): string {
  const { phase, sent, answer, ref, leaseUntil, unstarted, waitUntil, toTell, ran, closed, unsure } = execution;
  const flags = `${ran}${closed}${unsure}${leaseUntil},${waitUntil}${toTell === undefined ? "" : textOfTold(toTell)}`;
  const requests = `${sent === undefined ? "" : textOfRequest(sent)}|${answer === undefined ? "" : textOfAnswer(answer)}`;
  return `${phase}|${requests}|${textOfRef(ref)}|${textOfRef(unstarted)}|${flags}`;
}

function textOfRecord(record: StoredRecord | undefined): string {
  if (record === undefined) return "";
  const { status, owner, attempt, leaseUntil, expiresAt, fingerprint, encoding, result, chunks, completedAt } = record;
  return `${status}${owner}${attempt},${leaseUntil},${expiresAt},${fingerprint},${encoding},${String(result)},${chunks},${completedAt}`;
}

function textOfRequest(request: Request): string {
  switch (request.kind) {
    case "claim":
      return `claim ${textOfRef(request.ref)}`;
    case "takeover":
      return `takeover ${textOfRef(request.ref)} ${textOfRecord(request.seen)}`;
    case "read":
      return `read ${request.sentAt}`;
    case "extend":
      return `extend ${textOfRef(request.ref)} ${request.leaseUntil}${request.isLeft ?? ""}`;
    case "child":
      return `child ${textOfRef(request.ref)} ${textOfOutcome(request.outcome)}`;
    case "settle":
      return `settle ${textOfRef(request.ref)} ${textOfOutcome(request.outcome)} ${request.large}${request.unfenced}`;
    case "fetch":
      return `fetch ${textOfRecord(request.record)}`;
  }
}

// When it was asked for is in no condition and no verdict.
function textOfRef(ref: ClaimRef | undefined): string {
  return ref === undefined ? "" : `${ref.owner}${ref.attempt},${ref.leaseUntil},${ref.expiresAt},${ref.fingerprint}`;
}

function textOfOutcome(outcome: Outcome): string {
  return `${outcome.status}${outcome.completedAt}${outcome.write}${outcome.status === "released" ? "" : outcome.expiresAt}${outcome.status === "completed" ? outcome.encoding : ""}`;
}

function textOfAnswer({ applied, record, text, at }: Answer): string {
  return `${applied}${textOfRecord(record)},${text},${at}`;
}

function textOfTold(told: Told): string {
  return "record" in told ? `${told.kind}${textOfRecord(told.record)}` : told.kind;
}

function textOfChild({ name, text, expiresAt }: Child): string {
  return `${name}=${text}@${expiresAt}`;
}
