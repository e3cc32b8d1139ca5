// What an event source mapping with ReportBatchItemFailures makes of a function's answer. All as documented under
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html ("Success and failure conditions").

/** Why an answer fails its whole batch. */
export type Malformed = "invalid JSON" | "empty id" | "null id" | "wrong key name" | "unknown id";

/** The messages that stay in the queue; all others of the batch are deleted. */
export type Verdict = { readonly failed: readonly string[] } | { readonly wholeBatch: Malformed };

/** Judges an answer, as the function returned it, to a batch of these message ids. */
export function verdictOf(ids: readonly string[], answer: unknown): Verdict {
  const response = overTheWire(answer);
  if (response === null) return { failed: [] };
  if (!isObject(response)) return { wholeBatch: "invalid JSON" };
  const failures = response["batchItemFailures"] ?? [];
  if (!Array.isArray(failures)) return { wholeBatch: "invalid JSON" };
  const batch = new Set(ids);
  const failed = new Set<string>();
  for (const failure of failures as unknown[]) {
    if (!isObject(failure) || !("itemIdentifier" in failure)) return { wholeBatch: "wrong key name" };
    const id = failure["itemIdentifier"];
    if (id === null) return { wholeBatch: "null id" };
    if (id === "") return { wholeBatch: "empty id" };
    if (typeof id !== "string" || !batch.has(id)) return { wholeBatch: "unknown id" };
    failed.add(id);
  }
  return { failed: [...failed] };
}

/** What the service gets to see; `undefined` where the answer has no JSON. Answering nothing is `null`. */
function overTheWire(answer: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(answer ?? null)) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
