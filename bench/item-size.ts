import type { AttributeValue } from "@aws-sdk/client-dynamodb";

type Item = Readonly<Record<string, AttributeValue>>;

const containerBytes = 3;
const elementBytes = 1;

/**
 * What an item counts for its price, bytes: names and values.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSize(item: Item): number {
  return sum(Object.entries(item), ([name, value]) => Buffer.byteLength(name) + valueSize(value));
}

function valueSize(value: AttributeValue): number {
  const { S, N, B, BOOL, NULL, L, M, SS, NS, BS } = value;
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return numberSize(N);
  if (B !== undefined) return B.byteLength;
  if (BOOL !== undefined || NULL !== undefined) return 1;
  if (L !== undefined) return containerBytes + sum(L, (element) => elementBytes + valueSize(element));
  if (M !== undefined) return containerBytes + elementBytes * Object.keys(M).length + itemSize(M);
  return sum(SS ?? [], (text) => Buffer.byteLength(text)) + sum(NS ?? [], numberSize) + sum(BS ?? [], (bytes) => bytes.byteLength);
}

// "Approximately": one byte for two significant digits, one more, and one for the sign of a negative number.
function numberSize(text: string): number {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const digits = `${whole}${fraction}`.replace(/^0+/, "").replace(/0+$/, "");
  // Digits are stored in pairs, on either side of the point.
  const beforePoint = whole.replace(/^0+/, "").length + Number(exponent);
  const padded = digits.length + (Math.abs(beforePoint) % 2);
  return Math.ceil(padded / 2) + 1 + (text.startsWith("-") ? 1 : 0);
}

function sum<T>(list: readonly T[], size: (element: T) => number): number {
  return list.reduce((total, element) => total + size(element), 0);
}
