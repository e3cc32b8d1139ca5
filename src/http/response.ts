import { type BodyForm, bodyIn, rewrittenForm } from "./body.ts";
import { type FrontDoor, isLoadBalancer } from "./event.ts";
import { append, type Fields, noValues, type Values } from "./values.ts";

/** An answer, in one shape for all front doors. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case names. */
  readonly headers: Record<string, string[]>;
  /** As in `Set-Cookie`, one each. Never kept: a replay has those that `fromStored` or `onReplay` gives. */
  readonly cookies: string[];
  /** Text, or Base64 where `isBase64`. What a handler gives that is no text, for a serializer around it: its JSON. */
  readonly body: string;
  readonly isBase64: boolean;
}

/** An answer in the form that its front door reads. */
export interface HttpResult {
  statusCode: number;
  statusDescription?: string;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  cookies?: string[];
  body: string;
  isBase64Encoded: boolean;
}

/** What of a handler's result its front door reads. */
export interface Read {
  readonly response: HttpResponse;
  /** What its body is to a serializer around the handler. */
  readonly form: BodyForm;
  /** How the handler writes the names of its headers, where that is not in lower case: what stands around it may look for that. */
  readonly names?: Readonly<Record<string, string>>;
  /** What the handler says to its status, where that goes on its way: load balancers send it. */
  readonly statusDescription?: string;
}

/**
 * Reads a handler's result; undefined for what its front door could not read either, or what cannot be kept: no status where
 * one is needed, a body that JSON does not give back. Never throws: the work is done.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response
 */
export function readResult(result: unknown, frontDoor: FrontDoor): Read | undefined {
  try {
    const fields = structured(result, frontDoor);
    const status = statusIn(fields);
    const body = bodyIn(fields?.["body"]);
    if (fields === undefined || status === undefined || body === undefined) return undefined;
    const { values: headers, names } = headersIn(fields, frontDoor);
    const response = { status, headers, cookies: [], body: body.text, isBase64: fields["isBase64Encoded"] === true };
    const { statusDescription } = fields;
    const isDescribed = isLoadBalancer(frontDoor) && typeof statusDescription === "string";
    return { response, form: body.form, ...(Object.keys(names).length > 0 && { names }), ...(isDescribed && { statusDescription }) };
  } catch {
    return undefined; // a getter, a proxy or a `toJSON` that throws
  }
}

/** The status of a result, also where the rest of it cannot be kept; undefined where it has none. Never throws. */
export function readStatus(result: unknown, frontDoor: FrontDoor): number | undefined {
  try {
    return statusIn(structured(result, frontDoor));
  } catch {
    return undefined;
  }
}

/** An answer that a hook has made of what was read. */
export function rewritten(read: Read, response: HttpResponse): Read {
  const { statusDescription, ...others } = read;
  const form = rewrittenForm({ text: read.response.body, form: read.form }, response.body);
  const isSame = response.status === read.response.status;
  return { ...others, response, form, ...(isSame && statusDescription !== undefined && { statusDescription }) };
}

/** For a hook, which may write into it; or of what a hook has given, which may be more. */
export function copied({ status, headers, cookies, body, isBase64 }: HttpResponse): HttpResponse {
  const lists = Object.entries(headers).map(([name, list]): [string, string[]] => [name, [...list]]);
  return { status, headers: Object.fromEntries(lists), cookies: [...cookies], body, isBase64 };
}

/** Is it an answer such as a hook has to give? */
export function isResponse(value: unknown): value is HttpResponse {
  const { status, headers, cookies, body, isBase64 } = (value ?? {}) as Fields;
  return (
    isStatus(status) &&
    typeof headers === "object" &&
    headers !== null &&
    !Array.isArray(headers) &&
    Object.values(headers).every(isTexts) &&
    isTexts(cookies) &&
    typeof body === "string" &&
    typeof isBase64 === "boolean"
  );
}

function isTexts(list: unknown): boolean {
  return Array.isArray(list) && list.every((text) => typeof text === "string");
}

export function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599;
}

/** Payload format 2.0 takes any value: without a status it is the body of a 200. Lambda sends JSON, where only own properties are. */
export function structured(given: unknown, frontDoor: FrontDoor): Fields | undefined {
  const result =
    typeof (given as { toJSON?: unknown } | null | undefined)?.toJSON === "function" ? (given as { toJSON(): unknown }).toJSON() : given;
  const fields = typeof result === "object" && result !== null ? ({ ...result } as Fields) : undefined;
  if (frontDoor !== "v2" || fields?.["statusCode"] !== undefined) return fields;
  const body = result === undefined || result === null ? "null" : bodyIn(result)?.text;
  if (body === undefined) return undefined; // a stream, a function, a Map
  return { statusCode: 200, headers: { "content-type": "application/json" }, body, isBase64Encoded: false };
}

export function statusIn(fields: Fields | undefined): number | undefined {
  const given = fields?.["statusCode"];
  const status = typeof given === "string" && /^\d{3}$/.test(given) ? Number(given) : given;
  return isStatus(status) ? status : undefined;
}

function headersIn({ headers, multiValueHeaders }: Fields, frontDoor: FrontDoor): { values: Values; names: Record<string, string> } {
  const values = noValues();
  const lists = frontDoor === "v1" || frontDoor === "albMulti" ? Object.entries(asSent(multiValueHeaders)) : [];
  const singles = frontDoor === "albMulti" ? [] : Object.entries(asSent(headers));
  for (const [name, list] of lists) {
    for (const value of Array.isArray(list) ? list : [list]) if (isSet(value)) append(values, name.toLowerCase(), String(value));
  }
  for (const [name, value] of singles) {
    if (typeof value === "object" && value !== null) throw new Error("a header is no object");
    const text = String(value as string | number | boolean);
    if (isSet(value) && values[name.toLowerCase()]?.includes(text) !== true) append(values, name.toLowerCase(), text);
  }
  const written = [...singles, ...lists].map(([name]) => [name.toLowerCase(), name] as const);
  return { values, names: Object.fromEntries(written.filter(([lower, name]) => lower !== name)) };
}

/** Lambda sends JSON: a date is a text, a function is nothing. */
function asSent(headers: unknown): Fields {
  const fields = (headers ?? {}) as Fields;
  return Object.values(fields).every((value) => typeof value === "string") ? fields : (JSON.parse(JSON.stringify(fields)) as Fields);
}

/** JSON leaves out what is not, or writes null. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
