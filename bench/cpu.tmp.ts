import { measureCpu } from "./cpu.ts";
for (const kb of (process.argv[2] ?? "0.2,1,4,20").split(",").map(Number))
  for (const path of ["fresh", "replay"] as const) {
    const r = await measureCpu(path, "orders", kb, { batchMs: 60, rounds: 15 });
    console.log(kb, path, r.oursUs.toFixed(1), r.peerUs.toFixed(1), r.ratio.toFixed(2));
  }
