import { type Check, fail, isObject } from "../core/check.ts";
import { messageOf } from "../core/errors.ts";
import { PermanentError } from "./permanent-error.ts";

/**
 * What Zod, Valibot, ArkType and others have in common, as far as it is needed here.
 *
 * @see https://standardschema.dev
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Result<Output> | Promise<Result<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type Result<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const maxIssues = 10;

export const standardSchema: Check<StandardSchemaV1> = (value, path) => {
  // ArkType's schemas are functions.
  const standard = (value as Partial<StandardSchemaV1> | null | undefined)?.["~standard"];
  if (isObject(standard) && standard.version === 1 && typeof standard.validate === "function") return value as StandardSchemaV1;
  throw fail(path, value, "give a Standard Schema (version 1), such as one of Zod, Valibot or ArkType");
};

/**
 * The JSON of a body, as a schema gives it.
 *
 * @throws PermanentError for a body that is no JSON, or that the schema refuses: it will be so at each delivery.
 */
export async function parseBody<Data>(schema: StandardSchemaV1<unknown, Data>, body: string): Promise<Data> {
  const result = await schema["~standard"].validate(jsonOf(body));
  if (result.issues === undefined) return result.value;
  const issues: readonly unknown[] = Array.isArray(result.issues) ? result.issues : [result.issues];
  throw new PermanentError(`the schema refuses the body: ${issues.slice(0, maxIssues).map(described).join("; ")}`);
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw new PermanentError("the body is no JSON", { cause });
  }
}

// What a schema of one's own says of its issues may be anything.
function described(issue: unknown): string {
  const given = isObject(issue) ? issue["path"] : undefined;
  const parts: readonly unknown[] = Array.isArray(given) ? given : [];
  const path = parts.map((part) => String(isObject(part) ? part["key"] : part)).join(".");
  return path === "" ? messageOf(issue) : `${path}: ${messageOf(issue)}`;
}
