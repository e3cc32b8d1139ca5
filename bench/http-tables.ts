import { sizeOf } from "./format.ts";
import { growthOf, type HttpResults } from "./http.ts";
import { bodySizesKb } from "./http-bodies.ts";
import { rounded, type TableData } from "./table-data.ts";

export function httpTables({ cpu, fingerprints }: HttpResults): readonly TableData[] {
  return [
    {
      name: "http-cpu",
      title: "Own CPU time of a fresh request with a JSON body of 1 KB, µs; the client answers at once",
      head: ["idempotentHttp", "idempotent, same key and fingerprint", "ratio"],
      rows: [[cpu.httpUs.toFixed(0), cpu.wrapperUs.toFixed(0), rounded(cpu.ratio)]],
    },
    {
      name: "http-fingerprint",
      title: "CPU time of a fingerprint, ns a byte, by size of the body; growth: the largest through the cheapest",
      head: ["body", ...bodySizesKb.map(sizeOf), "growth"],
      rows: fingerprints.map((row) => [row.body, ...row.sizes.map(({ nsPerByte }) => nsPerByte.toFixed(1)), rounded(growthOf(row))]),
    },
  ];
}
