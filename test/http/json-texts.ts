// Random values of JSON, the many ways to write each as a text, and what two texts have in common.
import * as fc from "fast-check";

/** How a value is written: each has its own spaces, order of members, escapes and numbers. */
export type Writer = (value: unknown) => string;

const names = fc.oneof(
  fc.constantFrom("a", "b", "__proto__", "constructor", "toJSON", "10", "9", "", ":", "é"),
  fc.string({ unit: "grapheme" }),
);
const numbers = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, 1, 100, 0.1, 1e21, 1e-7, 5e-324, 2 ** 53, Number.MAX_VALUE),
);
export const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, false),
    numbers.map((given) => given + 0), // no -0, which JSON.stringify loses
    fc.string({ unit: "grapheme" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie("value")), { maxLength: 4 }).map((members) => Object.fromEntries(members)),
  ),
}));

export const whims = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 40 });

/** A writer that takes its whims from a list of numbers. */
export function writer(whims: readonly number[]): Writer {
  let at = 0;
  const whim = (below: number): number => (whims.length === 0 ? 0 : (whims[at++ % whims.length] as number) % below);
  const space = (): string => ["", " ", "\n", "\t ", "\r\n"][whim(5)] as string;
  const write: Writer = (value) => {
    if (typeof value === "string") return text(value);
    if (typeof value === "number") return numeral(value, whim(6), whim(30));
    if (Array.isArray(value)) return `[${value.map((item) => space() + write(item) + space()).join(",")}${space()}]`;
    if (typeof value !== "object" || value === null) return String(value);
    const members = Object.entries(value).map((entry): [number, string, unknown] => [whim(1000), ...entry]);
    members.sort(([a], [b]) => a - b);
    return `{${members.map(([, name, member]) => `${space()}${text(name)}${space()}:${space()}${write(member)}`).join(",")}${space()}}`;
  };
  const text = (given: string): string => `"${given.split("").map(unitText).join("")}"`;
  const unitText = (unit: string): string =>
    whim(4) > 0 ? JSON.stringify(unit).slice(1, -1) : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return (value) => space() + write(value) + space();
}

/** A number's shortest form, another place of its point, zeros at its ends. */
function numeral(value: number, style: number, by: number): string {
  const shortest = JSON.stringify(value);
  const [coefficient = "", exponent = "0"] = shortest.replace(/^-/, "").split("e");
  const [whole = "", fraction = ""] = coefficient.split(".");
  const sign = shortest.startsWith("-") ? "-" : "";
  const digits = (whole + fraction).replace(/^0+(?=\d)/, "");
  const power = Number(exponent) - fraction.length;
  switch (value === 0 ? undefined : style) {
    case 0:
      return `${sign}${digits}e${power}`;
    case 1:
      return `${sign}${digits}${"0".repeat(by)}E${power - by}`;
    case 2:
      return `${sign}0.${"0".repeat(by)}${digits}e+${power + digits.length + by}`.replace("e+-", "e-");
    case 3:
      return `${sign}${digits}.${"0".repeat(by + 1)}e${power}`;
    default:
      return shortest;
  }
}

/** Are two values of JSON the same, whatever the order of members? Of numbers, -0 is not 0. */
export function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return Object.is(one, other);
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [names, others] = [Object.keys(one), Object.keys(other)];
  if (names.length !== others.length) return false;
  return names.every((name) => Object.hasOwn(other, name) && isSame(one[name as never], other[name as never]));
}

/** Texts that look like a number of JSON, most of which are some. */
export const numerals = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(fc.stringMatching(/^[1-9]\d{0,25}$/), fc.constantFrom("0", "9007199254740992", "9007199254740993", "1", "10")),
    fc.oneof(fc.constant(""), fc.stringMatching(/^\.\d{1,25}$/), fc.constantFrom(".0", ".00", ".1", ".10")),
    fc.oneof(
      fc.constant(""),
      fc.integer({ min: -420, max: 420 }).map((power) => `e${power}`),
      fc.constantFrom("e0", "E+1", "e-1"),
    ),
  )
  .map((parts) => parts.join(""));

/** The numbers of a text as fractions of whole numbers, in the order in which they come. */
export function exactly(text: string): string {
  const outside = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const numbers = [...outside.matchAll(/(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?/g)].map(
    ([, sign = "", whole = "", fraction = "", power = "0"]) => {
      const digits = BigInt(whole + fraction);
      const exponent = Number(power) - fraction.length;
      const scaled = exponent >= 0 ? digits * 10n ** BigInt(exponent) : digits;
      const [top, below] = exponent >= 0 ? [scaled, 1n] : reduced(digits, -exponent);
      return `${sign}${top}/${below}`;
    },
  );
  return numbers.sort().join(" ");
}

function reduced(top: bigint, power: number): [bigint, bigint] {
  let [digits, left] = [top, power];
  while (left > 0 && digits % 10n === 0n && digits !== 0n) [digits, left] = [digits / 10n, left - 1];
  return digits === 0n ? [0n, 1n] : [digits, 10n ** BigInt(left)];
}
