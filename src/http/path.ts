import type { FrontDoor, HttpEvent } from "./event.ts";

/** Where a request goes. */
export interface Target {
  /** As the front door hands it over, without the stage. */
  readonly path: string;
  /** The template of its route, where the front door names one that is no catch-all. */
  readonly template: string | undefined;
  /** The path as it is compared: the same one through each domain and front door, as far as they tell. */
  readonly compared: string;
}

export function targetOf(event: HttpEvent, frontDoor: FrontDoor): Target {
  const isHttpApi = isOfHttpApi(event, frontDoor);
  const path = pathOf(event, frontDoor, isHttpApi);
  const template = templateOf(event, frontDoor);
  const compared = isHttpApi ? (filledIn(template, event.pathParameters) ?? path) : comparedPath(path, template);
  return { path, template, compared };
}

// HTTP APIs put the name of a stage in front of the path, also on a domain of one's own; REST APIs do not.
function pathOf({ path, rawPath, requestContext }: HttpEvent, frontDoor: FrontDoor, isHttpApi: boolean): string {
  const given = frontDoor === "v2" ? (rawPath ?? requestContext?.http?.["path"]) : path;
  const whole = typeof given === "string" ? given : "/";
  const stage = requestContext?.stage;
  const hasStage = isHttpApi && typeof stage === "string" && stage !== "$default";
  if (!hasStage) return whole;
  if (whole === `/${stage}`) return "/";
  return whole.startsWith(`/${stage}/`) ? whole.slice(stage.length + 1) : whole;
}

function templateOf({ resource, routeKey }: HttpEvent, frontDoor: FrontDoor): string | undefined {
  const named = frontDoor === "v1" ? resource : routeKey;
  const route = typeof named === "string" ? named.slice(named.indexOf("/")) : "";
  // A greedy variable, as `{proxy+}`, stands for any path: requests of two resources would share a key.
  return route.startsWith("/") && !route.includes("+}") ? route : undefined;
}

// It decodes paths, and a slash may have been `%2F`: how many segments a path has, only its parameters tell.
function isOfHttpApi({ version, requestContext }: HttpEvent, frontDoor: FrontDoor): boolean {
  const isFunctionUrl = String(requestContext?.domainName).includes(".lambda-url.");
  return (frontDoor === "v2" && !isFunctionUrl) || version === "1.0";
}

function filledIn(template: string | undefined, parameters: HttpEvent["pathParameters"]): string | undefined {
  const names = template?.match(/(?<=\{)[^}]+/g) ?? [];
  if (!names.every((name) => typeof parameters?.[name] === "string")) return undefined;
  return template?.replace(/\{([^}]+)\}/g, (_, name: string) => String(parameters?.[name]).replace(/[/?#%]/g, encodeURIComponent));
}

// In front of the segments of its template, a domain of a REST API puts a base path, the stage, or both.
function comparedPath(path: string, template: string | undefined): string {
  if (template === "/") return "/";
  if (!path.startsWith("/")) return path; // of an event made by hand
  const segments = path.split("/").slice(1).map(decoded);
  const end = segments.at(-1) === "" ? [""] : [];
  const own = segments.slice(0, segments.length - end.length);
  const wanted = template?.split("/").slice(1) ?? [];
  const last = own.slice(-wanted.length);
  const isTemplate = wanted.every((one, i) => last[i] === one || (/^\{.*\}$/.test(one) && Boolean(last[i])));
  return `/${[...(isTemplate ? last : own), ...end].join("/")}`;
}

// As HTTP APIs hand it over, but for what would part the path otherwise: / ? # %
function decoded(segment: string): string {
  return segment.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    escapes
      .toUpperCase()
      .split(/(%2F|%3F|%23|%25)/)
      .map((part, i) => (i % 2 === 1 ? part : unescaped(part)))
      .join(""),
  );
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no UTF-8
  }
}
