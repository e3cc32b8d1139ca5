// JSON texts that share a form are the same payload; a text with no form is its bytes.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../src/http/lossless.ts";
import { anyValue, exactly, isSame, numerals, whims, writer } from "./json-texts.ts";

const seed = Number(process.env["SEED"] ?? 8259);
const runs = Number(process.env["RUNS"] ?? 2000);

describe("a JSON text has the form of its value", () => {
  it.for<{ text: string; form: string }>([
    { text: "null", form: "null" },
    { text: " true ", form: "true" },
    { text: '"a"', form: '"a"' },
    { text: "{}", form: "{}" },
    { text: "[ ]", form: "[]" },
    { text: '\t{ "b" : [ 1 , { } ] ,\r\n"a":null }\n', form: '{"a":null,"b":[1,{}]}' },
    { text: '{"b":1,"a":2,"10":3,"9":4}', form: '{"10":3,"9":4,"a":2,"b":1}' },
    { text: '{"\\u0061":"\\/\\u00e9\\n"}', form: '{"a":"/é\\n"}' },
    { text: '{"a":"b:c,\\"d\\":1e400"}', form: '{"a":"b:c,\\"d\\":1e400"}' },
    { text: '{"a\\\\":1,"\\\\\\"b":2}', form: '{"\\\\\\"b":2,"a\\\\":1}' },
    { text: '{"":1}', form: '{"":1}' },
    { text: '{"a":{"a":{"a":1}}}', form: '{"a":{"a":{"a":1}}}' },
    { text: '[{"a":1},{"a":1}]', form: '[{"a":1},{"a":1}]' },
    { text: '{"__proto__":{"a":1}}', form: '{"__proto__":{"a":1}}' },
    { text: '{"a":1,"__proto__":null}', form: '{"__proto__":null,"a":1}' },
    { text: '{"constructor":{"prototype":1},"toString":2,"toJSON":3}', form: '{"constructor":{"prototype":1},"toJSON":3,"toString":2}' },
    { text: '"\\ud83d\\ude00"', form: '"\u{1F600}"' },
    { text: '"\\u0000"', form: '"\\u0000"' },
  ])("$text", ({ text, form }) => {
    expect(canonicalText(text)).toBe(form);
    expect(canonicalText(form)).toBe(form);
  });

  it.for([
    { form: "0", texts: ["0", "0.0", "0e5", "0E-7", "0.000e+99", "0e99999999999999999999"] },
    { form: "1", texts: ["1", "1.0", "1e0", "1E0", "1e+0", "1e-0", "100e-2", "0.1e1", "10.00E-1", "0.0001e4", "1.000000000000000000000"] },
    { form: "-1", texts: ["-1", "-1.0", "-1e0", "-100e-2", "-0.1e1"] },
    { form: "100", texts: ["100", "1e2", "1E+2", "1.00e2", "100.0", "0.1e3", "1000e-1"] },
    { form: "0.1", texts: ["0.1", "0.10", "1e-1", "0.1000000", "10e-2", "0.01e1"] },
    { form: "0.30000000000000004", texts: ["0.30000000000000004", "30000000000000004e-17", "0.300000000000000040"] },
    { form: "9007199254740991", texts: ["9007199254740991", "9007199254740991.0", "9.007199254740991e15"] },
    { form: "9007199254740992", texts: ["9007199254740992", "9007199254740992.000"] },
    { form: "1e+21", texts: ["1e21", "1e+21", `1${"0".repeat(21)}`, "1000e18"] },
    { form: "100000000000000000000", texts: ["1e20", `1${"0".repeat(20)}`] },
    { form: "1e-7", texts: ["1e-7", "0.0000001", "1.0E-7"] },
    { form: "5e-324", texts: ["5e-324", `0.${"0".repeat(323)}5`, "50e-325"] },
    { form: "1.7976931348623157e+308", texts: ["1.7976931348623157e308", `17976931348623157${"0".repeat(292)}`] },
    { form: "1", texts: [`1.${"0".repeat(5000)}`, `1${"0".repeat(5000)}e-5000`, `0.${"0".repeat(4999)}1e5000`] },
  ])("the numbers $texts are $form", ({ form, texts }) => {
    for (const text of texts) {
      expect(canonicalText(text), text).toBe(form);
      expect(canonicalText(`{"a":[${text},${text}]}`), text).toBe(`{"a":[${form},${form}]}`);
    }
  });

  it("of 512 levels, and none of 513", () => {
    expect(canonicalText(`${"[".repeat(512)}${"]".repeat(512)}`)).toBeDefined();
    expect(canonicalText(`${"[".repeat(513)}${"]".repeat(513)}`)).toBeUndefined();
    expect(canonicalText(`${'{"a":'.repeat(513)}1${"}".repeat(513)}`)).toBeUndefined();
  });
});

describe("a text has no form", () => {
  it.for<{ name: string; texts: readonly string[] }>([
    { name: "no JSON", texts: ["", " ", "a", "{", "{]", "'a'", "{a:1}", "[1,]", "01", "+1", ".5", "1.", "NaN", "Infinity", "undefined"] },
    { name: "more than JSON", texts: ["{}{}", "1 2", "{}\u0000", "// a\n1", '{"a":1}}'] },
    { name: "a byte order mark", texts: ["\uFEFF1", '\uFEFF{"a":1}', "1\uFEFF"] },
    { name: "spaces that JSON does not know", texts: ["\u00A01", "\u000B1", "1\u2028"] },
    {
      name: "a member twice",
      texts: [
        '{"a":1,"a":2}',
        '{"a":1,"a":1}',
        '{"a":1,"b":2,"a":3}',
        '{"":1,"":1}',
        '[{"a":1,"a":2}]',
        '{"b":{"a":1,"a":2}}',
        '{"a":{"a":1},"a":{"b":1}}',
        '{"__proto__":1,"__proto__":2}',
        '{"constructor":1,"constructor":1}',
        '{"0":1,"0":1}',
        '{"a":{},"a":{"b":1,"c":2}}',
        '{"a":{"b":1,"c":2},"a":{}}',
      ],
    },
    {
      name: "a member twice, in two spellings",
      texts: [
        String.raw`{"a":1,"\u0061":2}`,
        String.raw`{"\u0061":1,"\u0061":2}`,
        String.raw`{"é":1,"\u00e9":1}`,
        String.raw`{"/":1,"\/":1}`,
      ],
    },
    { name: "a member twice that makes a list of texts look right", texts: ['{"a:":1,"a:":2}', '[":",{"a":1,"a":2}]'] },
    { name: "a zero below nothing", texts: ["-0", "-0.0", "-0e0", "-0E5", '{"a":-0}', "[0,-0]"] },
    { name: "a number above all doubles", texts: ["1e400", "-1e400", "1e309", "1.8e308", `1${"0".repeat(400)}`, "1e99999999999999999999"] },
    { name: "a number that a double makes 0", texts: ["1e-400", "-1e-400", "2e-324", "1e-99999999999999999999", `0.${"0".repeat(400)}1`] },
    {
      name: "a number between two doubles",
      texts: [
        "9007199254740993",
        "-9007199254740993",
        "9007199254740993.0",
        "9007199254740993e0",
        "90071992547409930e-1",
        "18446744073709551615",
        "123456789012345678901234567890",
        "1000000000000000000001",
        "0.1000000000000000055511151231257827",
        "0.30000000000000000004",
        "0.300000000000000043",
        "4.9e-324",
        "1.7976931348623158e308",
        "3.14159265358979323846",
        `1.${"0".repeat(5000)}1`,
      ],
    },
    {
      name: "half a surrogate pair, escaped",
      texts: [String.raw`"\ud83d"`, String.raw`"\ude00\ud83d"`, String.raw`{"\ud83d":1}`, String.raw`["\ud83d\u0061"]`],
    },
    { name: "half a surrogate pair", texts: ['"\uD83D"', '{"\uDE00":1}'] },
    {
      name: "100,000 levels",
      texts: [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`],
    },
    { name: "100,000 levels that do not end", texts: ["[".repeat(100_000), '{"a":'.repeat(100_000)] },
  ])("$name", ({ texts }) => {
    for (const text of texts) expect(canonicalText(text), text.slice(0, 100)).toBeUndefined();
  });
});

/** What is small enough to be drawn twice. */
const awkward: unknown[] = [
  null,
  0,
  1,
  "",
  "1",
  [],
  {},
  [[]],
  [{}],
  { a: 1 },
  { a: "1" },
  { a: null },
  { a: [] },
  [null],
  "null",
  [1],
  [1, 1],
];

describe(`of random texts (SEED=${seed}, RUNS=${runs})`, () => {
  const parameters = { seed, numRuns: runs };

  it("writing a value another way never changes its form", () => {
    fc.assert(
      fc.property(anyValue, whims, whims, (value, one, other) => {
        const [text, rewritten] = [writer(one)(value), writer(other)(value)];
        expect(isSame(JSON.parse(text), value) && isSame(JSON.parse(rewritten), value), `${text} ${rewritten}`).toBe(true);
        const form = canonicalText(text);
        expect(form).toBeDefined();
        expect(canonicalText(rewritten)).toBe(form);
      }),
      parameters,
    );
  });

  it("two share a form only where they are the same value", () => {
    const small = fc.oneof(anyValue, fc.constantFrom(...awkward));
    fc.assert(
      fc.property(small, small, whims, (one, other, how) => {
        const [text, another] = [writer(how)(one), writer(how)(other)];
        const [form, others] = [canonicalText(text), canonicalText(another)];
        expect(form !== undefined && form === others).toBe(isSame(JSON.parse(text), JSON.parse(another)));
      }),
      parameters,
    );
  });

  it("two changed at one place share a form only where they are still the same value", () => {
    const unit = fc.constantFrom(...'{}[]",:\\0123456789.-+eEau \n\uD83D\uDE00');
    fc.assert(
      fc.property(anyValue, whims, fc.nat(), fc.nat(2), unit, (value, how, where, cut, put) => {
        const text = writer(how)(value);
        const at = where % (text.length + 1);
        const changed = text.slice(0, at) + put + text.slice(at + cut);
        const form = canonicalText(changed);
        if (form === undefined || form !== canonicalText(text)) return;
        expect(isSame(JSON.parse(changed), JSON.parse(text)), changed).toBe(true);
        expect(exactly(changed)).toBe(exactly(text));
      }),
      { ...parameters, numRuns: 3 * runs },
    );
  });

  it("two numbers share a form only where they are one number, in all of their digits", () => {
    fc.assert(
      fc.property(numerals, numerals, fc.nat(26), (one, other, zeros) => {
        const form = canonicalText(one);
        if (form !== undefined) {
          expect(exactly(form)).toBe(exactly(one));
          const longer = one.includes(".") ? one.replace(/(\.\d+)/, `$1${"0".repeat(zeros)}`) : one;
          expect(canonicalText(longer)).toBe(form);
        }
        if (form !== undefined && form === canonicalText(other)) expect(exactly(other)).toBe(exactly(one));
      }),
      { ...parameters, numRuns: 3 * runs },
    );
  });
});
