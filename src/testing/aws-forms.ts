import { sha256 } from "../core/key.ts";

/** Hexadecimal digits that are always the same for the same content: no event is told apart by chance. */
export function digitsOf(...content: readonly unknown[]): string {
  return Buffer.from(sha256(JSON.stringify(content)), "base64url").toString("hex");
}

/** A UUID in the form of version 4, always the same for the same content. */
export function uuidOf(...content: readonly unknown[]): string {
  const digits = digitsOf(...content);
  return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`, digits.slice(20, 32)].join("-");
}

/** The form of API Gateway's own ids, 16 characters. */
export function extendedIdOf(digits: string): string {
  return `${Buffer.from(digits, "hex").toString("base64url").replaceAll(/[-_]/g, "x").slice(0, 15)}=`;
}

/** `12/Mar/2020:19:03:58 +0000` */
export function logTime(atMs: number): string {
  const [, day, month, year, time] = new Date(atMs).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
