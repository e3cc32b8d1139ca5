// CPU nanoseconds that the fingerprint takes a byte, by size of the body, as JSON: node http-fingerprint.ts BODY PLANTED, each as JSON
import { payloadOf } from "../src/http/fingerprint.ts";
import type { HttpRequest } from "../src/http/request.ts";
import type { FingerprintRow } from "./http.ts";
import { type BodyName, bodyOf, bodySizesKb } from "./http-bodies.ts";
import { readArguments } from "./sqs-row.ts";

const rounds = 5;
/** What is done in a round at the least. KB. */
const kbInRound = 2000;

const [body, planted] = readArguments() as [BodyName, boolean];
console.log(JSON.stringify(row()));

function row(): FingerprintRow {
  return { body, sizes: bodySizesKb.map((kb) => ({ kb, nsPerByte: nsPerByte(kb) })) };
}

function nsPerByte(kb: number): number {
  const request: HttpRequest = {
    method: "POST",
    path: "/payments",
    route: "/payments",
    query: {},
    headers: { "content-type": ["application/json"] },
    body: bodyOf(body, kb),
    event: {},
  };
  const calls = Math.ceil(kbInRound / kb);
  const again = planted ? Math.ceil(kb / 1024) : 1; // as if each MB were read anew for each MB
  const us = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    for (let call = 0; call < calls * again; call++) payloadOf(request, { path: request.path, query: "" }, []);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / calls;
  });
  return (Math.min(...us) * 1000) / request.body.length;
}
