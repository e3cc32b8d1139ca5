import { fail, flag, oneOf, optional, theFunction, wholeNumber } from "../core/check.ts";
import type { KeyInput } from "../core/key.ts";
import type { ErrorPolicy, IdempotencyOptions, Replay, SharedOptions } from "../core/options.ts";
import { type Environment, resolveFor, waitMs } from "../core/resolve.ts";
import type { KeyFormat } from "./key-header.ts";
import { decided, docsUrl, headerName, keptName, keyFormat, keyHeader, listOf, methods, scope, statusCodes } from "./option-checks.ts";
import type { ProblemCode } from "./problem.ts";
import type { HttpRequest } from "./request.ts";
import type { HttpResponse } from "./response.ts";
import { statusPolicy, type StatusPolicy } from "./status-policy.ts";

type Shared<Event, Context> = Omit<
  IdempotencyOptions<[event: Event, context: Context], HttpResponse>,
  "key" | "fingerprint" | "onMissingKey" | "onError" | "codec"
>;

/** See `IdempotencyOptions` for what is not here. `docs/http.md` has each of them in use. */
export interface HttpOptions<Event = unknown, Context = unknown> extends Shared<Event, Context> {
  /** The request header that carries the key. Default: `Idempotency-Key`. */
  header?: string | undefined;
  /** Default true: a request without a key is refused, 400. False: it runs unprotected. */
  required?: boolean | undefined;
  /** Requests of other methods pass untouched. Default: `["POST", "PATCH"]`; GET, HEAD, OPTIONS and TRACE cannot be among them. */
  methods?: readonly string[] | undefined;
  /** Default `"any"`: up to 255 visible ASCII characters. A pattern may match anywhere in the key: anchor it. */
  keyFormat?: KeyFormat | undefined;
  /**
   * Whose keys are told apart. Default `"caller"`: the principal that the front door has authenticated. `"global"`: everybody
   * shares them, and whoever knows a key gets its answer. A function: a tenant. Where it gives undefined, or throws, or the front
   * door names nobody, the request is refused, 500.
   */
  scope?: "caller" | "global" | ((request: HttpRequest<Event>) => KeyInput | undefined) | undefined;
  /** Default true: a key on another method or route is another key. False: it is the same key with another payload, 422. */
  routeInKey?: boolean | undefined;
  /** Request headers that belong to the payload, such as an API version. Default: none. */
  fingerprintHeaders?: readonly string[] | undefined;
  /** Larger bodies are refused, 413. Bytes; default 10 MiB. */
  maxBodyBytes?: number | undefined;
  /** Which answers duplicates get too, by their status. Default: 2xx, 3xx, and 4xx but 401, 403, 407, 408, 409, 423, 424, 425 and 429. Where it throws, or says neither, the default decides. */
  keepStatus?: ((status: number) => boolean) | undefined;
  /** What a 5xx that `keepStatus` does not keep, or an error without a status, does to its key. Default: `"release"`. */
  onServerError?: ErrorPolicy | undefined;
  /** Response headers to keep beside the usual ones; those that belong to one answer only are `CONFIG_INVALID`. Default: none. */
  keepHeaders?: readonly string[] | undefined;
  /** Sees each answer before it is kept, as with secrets in it; what it returns is kept. Where it throws, no answer is: duplicates get 409. Default: none. */
  toStored?: ((response: HttpResponse) => HttpResponse) | undefined;
  /** Sees what was kept before it is replayed, as to fill in what `toStored` has taken out. Where it throws, that duplicate gets 409. Default: none. */
  fromStored?: ((response: HttpResponse, request: HttpRequest<Event>) => HttpResponse | Promise<HttpResponse>) | undefined;
  /** Other status codes for refusals, 400 to 599. Default: none. */
  statusCodes?: Partial<Record<ProblemCode, number>> | undefined;
  /** The page that documents all this: `type` and `Link` of refusals. Default: none, and a URN for `type`. */
  docsUrl?: string | undefined;
}

/** Options without question marks; what is undefined here is off. */
export interface ResolvedHttpOptions extends SharedOptions<[event: unknown, context: unknown]> {
  readonly waitMs: number;
  readonly onReplay: ((response: HttpResponse, replay: Replay) => unknown) | undefined;
  /** Lower case, as all names of headers here. */
  readonly header: string;
  readonly required: boolean;
  readonly methods: ReadonlySet<string>;
  readonly keyFormat: KeyFormat;
  readonly scope: "caller" | "global" | ((request: HttpRequest) => unknown);
  readonly routeInKey: boolean;
  readonly fingerprintHeaders: readonly string[];
  readonly maxBodyBytes: number;
  readonly policyOf: StatusPolicy;
  readonly keepHeaders: ReadonlySet<string>;
  readonly toStored: ((response: HttpResponse) => unknown) | undefined;
  readonly fromStored: ((response: HttpResponse, request: HttpRequest) => unknown) | undefined;
  readonly statusCodes: Partial<Record<ProblemCode, number>>;
  readonly docsUrl: string | undefined;
}

const defaultRetentionSeconds = 86_400;
const defaultMaxBodyBytes = 10 * 1024 * 1024;
const ownChecks = {
  key: decided("the request decides: give `header` and `scope`"),
  fingerprint: decided("the request decides: give `fingerprintHeaders`"),
  codec: decided("answers are kept as HTTP has them: give `toStored` and `fromStored`"),
  onMissingKey: decided("give `required`"),
  onError: decided("give `keepStatus` and `onServerError`"),
  onInProgress: waitMs,
  onReplay: optional(theFunction),
  header: optional(keyHeader, "idempotency-key"),
  required: optional(flag, true),
  methods: optional(methods, ["POST", "PATCH"]),
  keyFormat,
  scope,
  routeInKey: optional(flag, true),
  fingerprintHeaders: optional(listOf(headerName), []),
  maxBodyBytes: optional(wholeNumber(0), defaultMaxBodyBytes),
  keepStatus: optional(theFunction),
  onServerError: oneOf("release", "keep", "hold"),
  keepHeaders: optional(listOf(keptName), []),
  toStored: optional(theFunction),
  fromStored: optional(theFunction),
  statusCodes,
  docsUrl: optional(docsUrl),
};

type Given = { readonly [Name in keyof typeof ownChecks]: ReturnType<(typeof ownChecks)[Name]> };

/**
 * Checks options and fills defaults, once, at wrap time.
 *
 * @throws IdempotencyError `CONFIG_INVALID` with the option's `path`.
 */
export function resolveHttpOptions<Event, Context>(options: HttpOptions<Event, Context>, env: Environment): ResolvedHttpOptions {
  const given = resolveFor(options, ownChecks, env, defaultRetentionSeconds) as unknown as Given;
  const { onInProgress, methods, keepHeaders, keepStatus, onServerError, ...resolved } = given;
  const policyOf = statusPolicy(keepStatus, onServerError);
  if (keepHeaders.includes(given.header)) throw fail("keepHeaders", given.header, "each answer has the key of its own request");
  if (given.fingerprintHeaders.includes(given.header)) throw fail("fingerprintHeaders", given.header, "the key is no part of its payload");
  const sets = { methods: new Set(methods), keepHeaders: new Set(keepHeaders) };
  return Object.freeze({ ...resolved, ...sets, waitMs: onInProgress, policyOf }) as unknown as ResolvedHttpOptions;
}
