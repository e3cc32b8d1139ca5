/** What a client's field says. */
export type KeyField =
  | { readonly kind: "missing" }
  /** `key`: what it names; `sent`: the field as it was sent. */
  | { readonly kind: "key"; readonly key: string; readonly sent: string }
  | { readonly kind: "invalid"; readonly why: string };

/** Which keys are taken, beside what the grammar says. */
export type KeyFormat = "any" | "uuid" | RegExp;

const maxLength = 255;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const bare = /^[!#-+\--:<-~]+$/; // visible ASCII without " , ;
const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"/;
// RFC 9651 section 3.1.2: a name, and maybe an item of any of its types.
const parameter =
  /; *[a-z*][a-z0-9_.*-]*(?:=(?:"(?:[ !#-[\]-~]|\\["\\])*"|:[A-Za-z0-9+/=]*:|\?[01]|%"[ !#-~]*"|@?-?[0-9.]+|[A-Za-z*][!#$%&'*+.^_`|~A-Za-z0-9:/-]*))?/y;

/**
 * Reads the field that carries the key: an sf-string as draft-ietf-httpapi-idempotency-key-header-07 (expired) section 2.1 has
 * it, whose parameters are ignored, or what most clients send: the same without quotes. Both forms of a key are one key.
 */
export function readKeyField(values: readonly string[] | undefined, format: KeyFormat): KeyField {
  const [field, ...more] = values ?? [];
  if (field === undefined) return { kind: "missing" };
  if (more.length > 0) return invalid("it comes more than once");
  const sent = trimmed(field);
  if (sent === "") return invalid("it is empty");
  const key = bare.test(sent) ? sent : unquoted(sent);
  // A front door of payload format 2.0 joins fields that come more than once.
  if (key === undefined && sent.includes(",")) return invalid("it is a list, or comes more than once");
  if (key === undefined) return invalid("it is neither a quoted string nor visible ASCII without commas, semicolons and quotes");
  if (key === "" || key.includes(" ")) return invalid("a key has at least one character, and no spaces");
  if (key.length > maxLength) return invalid(`a key has at most ${maxLength} characters`);
  if (!hasFormat(key, format)) return invalid(format === "uuid" ? "it is no UUID" : "it is not of the format that this API takes");
  return { kind: "key", key, sent };
}

function unquoted(sent: string): string | undefined {
  const [whole = "", content] = quoted.exec(sent) ?? [];
  if (content === undefined) return undefined;
  let at = whole.length;
  while (at < sent.length) {
    parameter.lastIndex = at;
    if (!parameter.test(sent)) return undefined;
    at = parameter.lastIndex;
  }
  return content.replace(/\\(.)/g, "$1");
}

function hasFormat(key: string, format: KeyFormat): boolean {
  if (format === "any") return true;
  return format === "uuid" ? uuid.test(key) : format.test(key);
}

/**
 * RFC 9110 section 5.6.3: spaces and tabs around a field belong to nobody. By hand: a pattern would look at long runs of them
 * again and again.
 */
export function trimmed(field: string): string {
  let [start, end] = [0, field.length];
  while (start < end && isBlank(field.charCodeAt(start))) start++;
  while (end > start && isBlank(field.charCodeAt(end - 1))) end--;
  return field.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function invalid(why: string): KeyField {
  return { kind: "invalid", why };
}
