// RFC 8785, JSON Canonicalization Scheme: what the RFC itself gives as samples, and the test data that its author
// publishes beside it (github.com/cyberphone/json-canonicalization, testdata).

export interface Sample {
  readonly name: string;
  readonly input: string;
  readonly canonical: string;
}

export const samples: readonly Sample[] = [
  {
    name: "section 3.2.2, serialization of primitive types (values)",
    input: String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`,
    canonical: String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  },
  {
    name: "section 3.2.3, sorting of object properties",
    input: String.raw`{
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    }`,
    canonical:
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis",' +
      '"\u20ac":"Euro Sign","\u{1F600}":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  },
  { name: "arrays", input: '[56, {"d": true, "10": null, "1": [ ]}]', canonical: '[56,{"1":[],"10":null,"d":true}]' },
  {
    name: "french",
    input:
      '{"peach": "This sorting order", "péché": "is wrong according to French", "pêche": "but canonicalization MUST", "sin": "ignore locale"}',
    canonical:
      '{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ignore locale"}',
  },
  {
    name: "structures",
    input: String.raw`{"1": {"f": {"f": "hi","F": 5} ,"\n": 56.0}, "10": { }, "": "empty", "a": { }, "111": [ {"e": "yes","E": "no" } ], "A": { }}`,
    canonical: String.raw`{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}`,
  },
  { name: "unicode", input: String.raw`{"Unnormalized Unicode":"A\u030a"}`, canonical: '{"Unnormalized Unicode":"A\u030a"}' },
  {
    name: "weird",
    input: String.raw`{
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\u000a": "Newline",
      "1": "One",
      "\u0080": "Control\u007f",
      "\ud83d\ude02": "Smiley",
      "\u00f6": "Latin Small Letter O With Diaeresis",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "</script>": "Browser Challenge"
    }`,
    canonical:
      '{"\\n":"Newline","\\r":"Carriage Return","1":"One","</script>":"Browser Challenge","\u0080":"Control\u007f",' +
      '"\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\u{1F602}":"Smiley","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  },
];

/** Appendix B: IEEE 754 bits of a double, and its text. */
export const numbers = [
  { bits: "0000000000000000", text: "0" },
  { bits: "8000000000000000", text: "0" },
  { bits: "0000000000000001", text: "5e-324" },
  { bits: "8000000000000001", text: "-5e-324" },
  { bits: "7fefffffffffffff", text: "1.7976931348623157e+308" },
  { bits: "ffefffffffffffff", text: "-1.7976931348623157e+308" },
  { bits: "4340000000000000", text: "9007199254740992" },
  { bits: "c340000000000000", text: "-9007199254740992" },
  { bits: "4430000000000000", text: "295147905179352830000" },
  { bits: "44b52d02c7e14af5", text: "9.999999999999997e+22" },
  { bits: "44b52d02c7e14af6", text: "1e+23" },
  { bits: "44b52d02c7e14af7", text: "1.0000000000000001e+23" },
  { bits: "444b1ae4d6e2ef4e", text: "999999999999999700000" },
  { bits: "444b1ae4d6e2ef4f", text: "999999999999999900000" },
  { bits: "444b1ae4d6e2ef50", text: "1e+21" },
  { bits: "3eb0c6f7a0b5ed8c", text: "9.999999999999997e-7" },
  { bits: "3eb0c6f7a0b5ed8d", text: "0.000001" },
  { bits: "41b3de4355555553", text: "333333333.3333332" },
  { bits: "41b3de4355555554", text: "333333333.33333325" },
  { bits: "41b3de4355555555", text: "333333333.3333333" },
  { bits: "41b3de4355555556", text: "333333333.3333334" },
  { bits: "41b3de4355555557", text: "333333333.33333343" },
  { bits: "becbf647612f3696", text: "-0.0000033333333333333333" },
  { bits: "43143ff3c1cb0959", text: "1424953923781206.2" },
] as const;

/** Appendix B, too: NaN and infinity have no text. */
export const noNumbers = ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"] as const;

export function double(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}
