/** What is nested deeper is taken as bytes: nobody means it, and a stack ends somewhere. */
const maxDepth = 512;

/**
 * The canonical form of a JSON text (RFC 8785), where it says all that the text says: no member twice in an object, and each
 * number the double that a parser makes of it. Else undefined: two different payloads could share it.
 */
export function canonicalText(text: string): string | undefined {
  try {
    const written: Written = { members: 0 };
    const canonical = write(JSON.parse(text), written, 0);
    return membersAndNumbers(text) === written.members ? canonical : undefined;
  } catch {
    return undefined; // no JSON, half a surrogate pair in a string, nested too deeply
  }
}

/** The members that a valid JSON text has; undefined where one of its numbers is not what a parser makes of it. */
function membersAndNumbers(text: string): number | undefined {
  let members = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x3a) members++;
    else if (code === 0x2d || isDigit(code)) {
      const end = endOfNumber(text, at);
      if (!isExact(text.slice(at, end))) return undefined;
      at = end - 1;
    }
  }
  return members;
}

interface Written {
  members: number;
}

/**
 * RFC 8785 of what JSON.parse has made, which is much less than the core's `canonicalJson` has to tell apart, and takes a third of
 * the time. A member that comes twice is one in it: the last one.
 */
function write(value: unknown, written: Written, depth: number): string {
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new Error("it has no UTF-8 form");
    return JSON.stringify(value);
  }
  if (typeof value !== "object" || value === null) return String(value);
  if (depth === maxDepth) throw new Error("it is nested too deeply");
  let text = "";
  if (Array.isArray(value)) {
    for (const item of value) text += (text === "" ? "" : ",") + write(item, written, depth + 1);
    return `[${text}]`;
  }
  const names = Object.keys(value).sort();
  written.members += names.length;
  for (const name of names) {
    text +=
      (text === "" ? "" : ",") +
      write(name, written, depth + 1) +
      ":" +
      write((value as Record<string, unknown>)[name], written, depth + 1);
  }
  return `{${text}}`;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    if (code === 0x5c) at++;
  }
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (isPartOfNumber(text.charCodeAt(at))) at++;
  return at;
}

// Of valid JSON: digits . + - e E
function isPartOfNumber(code: number): boolean {
  return isDigit(code) || code === 0x2e || code === 0x2b || code === 0x2d || code === 0x65 || code === 0x45;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Does a number say what its double's shortest decimal form says? So `1.0` and `1e0` do, `9007199254740993` and `-0` do not. */
function isExact(source: string): boolean {
  const value = Number(source);
  const shortest = String(value);
  if (shortest === source) return true;
  return !Object.is(value, -0) && normalForm(source) === normalForm(shortest);
}

/** A decimal number, but for its sign, as digits without zeros around them and the power of ten of the last one. */
function normalForm(source: string): string {
  const [coefficient = "", exponent = "0"] = source.toLowerCase().split("e");
  const [whole = "", fraction = ""] = coefficient.replace("-", "").split(".");
  const digits = whole + fraction;
  let [start, end] = [0, digits.length];
  while (start < end && digits.charCodeAt(start) === 0x30) start++;
  while (end > start && digits.charCodeAt(end - 1) === 0x30) end--;
  if (start === end) return "0";
  return `${digits.slice(start, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}
