import type { Call } from "../core/call.ts";
import { ignoreRejection } from "../core/errors.ts";
import type { Running } from "../core/execution.ts";
import { hashKey, type KeyInput, sha256 } from "../core/key.ts";
import type { ResolvedOptions } from "../core/options.ts";
import { preparer } from "../lambda/prepare.ts";
import { newOwner } from "../lambda/system.ts";
import type { Asker } from "./asker.ts";
import { callerOf } from "./caller.ts";
import { findFrontDoor, type HttpEvent } from "./event.ts";
import { payloadOf } from "./fingerprint.ts";
import { type KeyField, readKeyField } from "./key-header.ts";
import type { ResolvedHttpOptions } from "./options.ts";
import type { ProblemCode } from "./problem.ts";
import { kindOf, type OwnRefusal, refusalAnswer } from "./refuse.ts";
import { bodyOf, type Head, headOf, type HttpRequest, requestOf } from "./request.ts";
import type { HttpResult } from "./response.ts";

/** A request under a key. */
export interface Keyed extends Asker {
  readonly call: Call;
  readonly request: HttpRequest;
}

/** What a request comes to before anything is asked of the store. */
export type Entered =
  /** There is nothing to protect. */
  | { readonly kind: "pass" }
  /** Switched off, or no key and none is required; the handler runs inside of what is known of the key. */
  | { readonly kind: "unprotected"; readonly inside: Running | undefined }
  | { readonly kind: "refused"; readonly answer: HttpResult }
  | { readonly kind: "keyed"; readonly keyed: Keyed };

/** What a request says of itself: a key and its payload, that it has no key and needs none, or what is wrong with it. */
type Said = SaidKey | { readonly kind: "keyless" } | ({ readonly kind: "refused" } & OwnRefusal);

interface SaidKey {
  readonly kind: "said";
  readonly request: HttpRequest;
  readonly key: KeyInput;
  readonly payload: string;
}

type Args = [event: unknown, context: unknown, said: { readonly key: KeyInput | undefined; readonly payload?: string }];

/**
 * Takes requests: method, key, body, scope, in this order; what is wrong with them is answered before anything is asked of the
 * store.
 *
 * @throws IdempotencyError `CONFIG_INVALID`, at the call, for an event that is no HTTP request.
 */
export function entrance(options: ResolvedHttpOptions): (event: unknown, context: unknown) => Entered {
  const { enabled, header, methods, keyFormat, leaseMs } = options;
  const prepare = preparer<Args, unknown>({
    ...options,
    key: (...[, , said]: Args) => said.key,
    fingerprint: (...[, , said]: Args) => said.payload,
    onMissingKey: "run", // whether one is required is decided here
    // It gets what it is documented to get: what is said has the key in it.
    leaseMs: typeof leaseMs === "function" ? (event: unknown, context: unknown) => leaseMs(event, context) : leaseMs,
  } as unknown as ResolvedOptions<Args, unknown>);

  return (event, context) => {
    if (!enabled && findFrontDoor(event) === undefined) return { kind: "pass" };
    const head = headOf(event as HttpEvent);
    if (!methods.has(head.method)) return { kind: "pass" };
    const field = readKeyField(head.headers[header], keyFormat);
    const said = say(options, event as HttpEvent, head, field);
    const asker: Asker = { frontDoor: head.frontDoor, context, echo: field.kind === "key" ? { [header]: field.sent } : {} };
    if (said.kind === "refused" && enabled) return { kind: "refused", answer: refusalAnswer(said, options, asker) };
    if (said.kind === "said") {
      const prepared = prepare([event, context, said]);
      return prepared.kind === "unprotected"
        ? prepared
        : { kind: "keyed", keyed: { ...asker, call: prepared.call, request: said.request } };
    }
    // Where it is switched off, a handler may ask for its execution, though its key was not told: it shares it with none.
    return prepare([event, context, { key: field.kind === "key" ? ["unresolved", newOwner()] : undefined }]) as Entered;
  };
}

function say(options: ResolvedHttpOptions, event: HttpEvent, head: Head, field: KeyField): Said {
  const { header, maxBodyBytes, fingerprintHeaders, routeInKey } = options;
  if (field.kind === "missing" && !options.required) return { kind: "keyless" };
  if (field.kind === "missing")
    return refusedAs("idempotency_key_missing", `Send a key, unique to this operation, in the header ${header}.`);
  if (field.kind === "invalid") return refusedAs("idempotency_key_invalid", `Correct the header ${header}: ${field.why}.`);
  const body = bodyOf(event, maxBodyBytes);
  if (body.kind === "parsed") return { kind: "refused", code: "idempotency_misconfigured", fault: parsedBody };
  if (body.kind === "too_large") {
    return refusedAs("idempotency_body_too_large", `This request ran nothing: its body may have ${maxBodyBytes} bytes.`);
  }
  if (body.kind === "invalid") return refusedAs("idempotency_body_invalid");
  const { request, target, query } = requestOf(event, head, body.bytes);
  const payload = payloadOf(request, { path: target.compared, query }, fingerprintHeaders); // before a `scope` that may change what it gets
  const scope = scopeOf(options, request);
  if (typeof scope === "object" && "fault" in scope) return { kind: "refused", code: "idempotency_scope_unresolved", ...scope };
  const route = routeInKey ? sha256(JSON.stringify([head.method, target.template ?? target.compared])) : "any";
  return { kind: "said", request, key: [scope, route, field.key], payload };
}

const parsedBody =
  "the body arrived parsed, and its bytes are needed: register httpIdempotency before the body parser (httpJsonBodyParser and " +
  "others), or wrap the handler that has the parser with idempotentHttp; where a test sends one event twice, give each its own copy";

// Each of the three has a form that the others have not, and one length whatever a principal is.
function scopeOf({ scope }: ResolvedHttpOptions, request: HttpRequest): "global" | readonly string[] | { readonly fault: string } {
  if (scope === "global") return "global";
  if (scope === "caller") {
    const caller = callerOf(request.event as HttpEvent);
    if (caller !== undefined) return ["caller", sha256(JSON.stringify(caller))];
    return { fault: 'the front door names no principal; give `scope` a function, or "global"' };
  }
  let given: unknown;
  try {
    given = scope(request);
    ignoreRejection(given); // a promise is no key, whatever becomes of it
  } catch (error) {
    return { fault: `\`scope\` threw ${kindOf(error)}` };
  }
  try {
    return ["own", hashKey(given, "scope")];
  } catch {
    return { fault: "`scope` gave no key: give a text, a number, or a list of them; undefined where this request is to be refused" };
  }
}

function refusedAs(code: ProblemCode, detail?: string): Said {
  return { kind: "refused", code, ...(detail !== undefined && { detail }) };
}
