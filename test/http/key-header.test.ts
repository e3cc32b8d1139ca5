import { describe, expect, it } from "vitest";
import { type KeyFormat, readKeyField } from "../../src/http/key-header.ts";

const uuid = "8E03978E-40d5-43dd-bc93-6894a57f9324";

function read(field: string, format: KeyFormat = "any"): ReturnType<typeof readKeyField> {
  return readKeyField([field], format);
}

describe("a field of the key", () => {
  it.for<{ name: string; field: string; key: string; sent?: string }>([
    { name: "bare", field: "order-1", key: "order-1" },
    { name: "one character", field: "k", key: "k" },
    { name: "each visible ASCII character that may be bare", field: visible('",;'), key: visible('",;') },
    { name: "a bare backslash, which escapes nothing", field: String.raw`a\b\\c`, key: String.raw`a\b\\c` },
    { name: "bare with an equals sign and a question mark", field: "a=b?1", key: "a=b?1" },
    { name: "bare, as a byte sequence is written", field: ":YWJj:", key: ":YWJj:" },
    { name: "a UUID, whose case stays", field: uuid, key: uuid },
    { name: "255 characters", field: "k".repeat(255), key: "k".repeat(255) },
    { name: "spaces and tabs around it", field: " \t order-1\t ", key: "order-1", sent: "order-1" },
    { name: "quoted", field: '"order-1"', key: "order-1" },
    { name: "quoted, one character", field: '"k"', key: "k" },
    { name: "quoted with a comma and a semicolon", field: '"a,b;c"', key: "a,b;c" },
    { name: "quoted with each visible ASCII character", field: quoted(visible()), key: visible() },
    { name: "quoted with an escaped quote", field: String.raw`"a\"b"`, key: 'a"b' },
    { name: "quoted with an escaped backslash", field: String.raw`"a\\b"`, key: String.raw`a\b` },
    { name: "quoted with a backslash before an escaped quote", field: String.raw`"a\\\"b"`, key: String.raw`a\"b` },
    { name: "quoted, 255 characters", field: quoted("k".repeat(255)), key: "k".repeat(255) },
    { name: "quoted, 255 characters after unescaping", field: quoted('"'.repeat(255)), key: '"'.repeat(255) },
    { name: "quoted, with spaces around", field: ' "order-1"\t', key: "order-1", sent: '"order-1"' },
  ])("$name", ({ field, key, sent = field }) => {
    expect(read(field)).toEqual({ kind: "key", key, sent });
  });

  it.for([
    ";a",
    "; a",
    ";   a",
    ";a=1",
    ";a=-1.5",
    ";a=?1",
    ";a=?0",
    ";a=token",
    ";a=*to:ken/1",
    ';a="text"',
    ';a="a;b,c"',
    String.raw`;a="a\"b\\"`,
    ";a=:YWJj:",
    ";a=@1659578233",
    ';a=%"f%c3%bc"',
    ";*a=1",
    ";a_b-c.d*=1",
    ";a=1;b;c=?1",
    ";a; b;  c",
  ])("the parameters %s say nothing, and are echoed", (parameters) => {
    expect(read(`"k"${parameters}`)).toEqual({ kind: "key", key: "k", sent: `"k"${parameters}` });
  });
});

describe("no key at all", () => {
  it.for([undefined, []])("%s is missing", (values) => {
    expect(readKeyField(values, "any")).toEqual({ kind: "missing" });
  });
});

describe("an invalid field", () => {
  it.for<{ name: string; field: string }>([
    { name: "empty", field: "" },
    { name: "spaces only", field: "   " },
    { name: "tabs only", field: "\t\t" },
    { name: "quoted and empty", field: '""' },
    { name: "quoted and empty, with a parameter", field: '"";a=1' },
    { name: "256 characters", field: "k".repeat(256) },
    { name: "quoted, 256 characters", field: quoted("k".repeat(256)) },
    { name: "quoted, 256 characters after unescaping", field: quoted('"'.repeat(256)) },
    { name: "a space", field: "a b" },
    { name: "a quoted space", field: '"a b"' },
    { name: "only a quoted space", field: '" "' },
    { name: "a tab inside", field: "a\tb" },
    { name: "a quoted tab", field: '"a\tb"' },
    { name: "a comma", field: "a,b" },
    { name: "two of them in one field", field: "k, k" },
    { name: "two quoted ones in one field", field: '"a","b"' },
    { name: "two quoted ones without a comma", field: '"a" "b"' },
    { name: "a bare one with a parameter", field: "k;a=1" },
    { name: "a trailing semicolon", field: '"k";' },
    { name: "a trailing comma", field: '"k",' },
    { name: "a quote inside a bare one", field: 'a"b' },
    { name: "a quote that is not closed", field: '"k' },
    { name: "a quote that is not opened", field: 'k"' },
    { name: "one quote", field: '"' },
    { name: "something after the quotes", field: '"k"k' },
    { name: "something before the quotes", field: 'k"k"' },
    { name: "an escape of something else", field: String.raw`"a\b"` },
    { name: "an escape of the closing quote", field: String.raw`"a\"` },
    { name: "a space before a parameter", field: '"k" ;a=1' },
    { name: "a tab before a parameter's name", field: '"k";\ta=1' },
    { name: "a parameter with a capital", field: '"k";A=1' },
    { name: "a parameter without a name", field: '"k";=1' },
    { name: "a parameter without the value that it announces", field: '"k";a=' },
    { name: "a parameter with half a text", field: '"k";a="b' },
    { name: "a parameter with half a byte sequence", field: '"k";a=:YWJj' },
    { name: "a parameter with no boolean", field: '"k";a=?2' },
    { name: "a space in a parameter", field: '"k";a =1' },
    { name: "a parameter with a list", field: '"k";a=(1 2)' },
    { name: "a letter outside ASCII", field: "clé" },
    { name: "a quoted letter outside ASCII", field: '"clé"' },
    { name: "an emoji", field: "\u{1F600}" },
    { name: "half a surrogate pair", field: "a\uD83D" },
    { name: "a space that is none of ASCII's, around it", field: "\u00A0k" },
    { name: "a line end after it", field: "k\n" },
    { name: "a line end after the quotes", field: '"k"\n' },
    ...controls().flatMap((code) => [
      { name: `the control character ${code}`, field: `a${String.fromCharCode(code)}b` },
      { name: `the quoted control character ${code}`, field: `"a${String.fromCharCode(code)}b"` },
    ]),
  ])("$name", ({ field }) => {
    expect(read(field)).toEqual({ kind: "invalid", why: expect.any(String) });
  });

  it.for<{ values: readonly string[] }>([
    { values: ["k", "k"] },
    { values: ["a", "b"] },
    { values: ['"k"', "k"] },
    { values: ["k", ""] },
    { values: ["", ""] },
  ])("that comes more than once: $values", ({ values }) => {
    expect(readKeyField(values, "any")).toEqual({ kind: "invalid", why: "it comes more than once" });
  });

  it.for(["secret-1 secret", "secret-1,secret", `secret-1${"k".repeat(255)}`, "secret-1é"])("is not told on: %s", (field) => {
    const read = readKeyField([field], "uuid");
    expect(JSON.stringify(read)).not.toContain("secret-1");
  });
});

describe("a format", () => {
  it.for<{ format: KeyFormat; field: string; taken: boolean }>([
    { format: "uuid", field: uuid, taken: true },
    { format: "uuid", field: quoted(uuid), taken: true },
    { format: "uuid", field: `${quoted(uuid)};a=1`, taken: true },
    { format: "uuid", field: "00000000-0000-0000-0000-000000000000", taken: true },
    { format: "uuid", field: uuid.slice(1), taken: false },
    { format: "uuid", field: `${uuid}0`, taken: false },
    { format: "uuid", field: `{${uuid}}`, taken: false },
    { format: "uuid", field: uuid.replaceAll("-", ""), taken: false },
    { format: "uuid", field: uuid.replace("8", "g"), taken: false },
    { format: "uuid", field: `urn:uuid:${uuid}`, taken: false },
    { format: /^ord-\d+$/, field: "ord-1", taken: true },
    { format: /^ord-\d+$/, field: '"ord-1"', taken: true },
    { format: /^ord-\d+$/, field: "ord-", taken: false },
    { format: /\d/, field: "order-1", taken: true },
    { format: /^a"b$/, field: String.raw`"a\"b"`, taken: true },
  ])("$format and $field: $taken", ({ format, field, taken }) => {
    expect(read(field, format).kind).toBe(taken ? "key" : "invalid");
  });

  it("does not take what the grammar refuses", () => {
    expect(read("a,b", /,/).kind).toBe("invalid");
    expect(read("", /^$/).kind).toBe("invalid");
  });
});

/** Visible ASCII. */
function visible(without: string = ""): string {
  const all = Array.from({ length: 0x7e - 0x21 + 1 }, (_, i) => String.fromCharCode(0x21 + i));
  return all.filter((character) => !without.includes(character)).join("");
}

function quoted(key: string): string {
  return `"${key.replace(/["\\]/g, String.raw`\$&`)}"`;
}

function controls(): number[] {
  return [...Array.from({ length: 0x20 }, (_, code) => code), 0x7f, 0x80, 0x9f];
}
