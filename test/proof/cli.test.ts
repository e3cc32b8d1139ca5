import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { root } from "./root.ts";

function prove(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, ["--conditions=lambda-once:source", "test/proof/main.ts", ...args], { cwd: root, encoding: "utf8" });
}

it("finds a planted bug, and prints its seed, schedule and trace", () => {
  const { status, stdout } = prove("--bug", "takeover-without-condition");
  expect(stdout).toMatch(
    /^bug takeover-without-condition: found: seed 1 in schedule \d+, seed 2 in schedule \d+, seed 3 in schedule \d+, the model /,
  );
  expect(stdout).toMatch(/^simulation, seed 1, schedule \d+: .+ \(.+\)\n\{"leaseMs":.+\n.*\d\.\d{3} s/m);
  expect(stdout).toMatch(/^model, ".+": .+\n.*\d s/m);
  expect(stdout.trim().split("\n").at(-1)).toBe("not recorded");
  expect(status).toBe(0);
}, 180_000);

it("refuses what it does not know with exit code 2 and the usage", () => {
  const { status, stderr } = prove("--bug", "none");
  expect(status).toBe(2);
  expect(stderr).toMatch(/^prove: no bug is called "none"; known are all, unfenced-complete, .*\n\nusage: npm run prove/);
});

it("says how it is used", () => {
  const { status, stdout } = prove("--help");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^usage: npm run prove/);
});

it("starts nothing that there is no time for, and says what is left", () => {
  const { status, stdout } = prove("--only", "model", "--minutes", "1.9", "--look");
  expect(stdout).toMatch(/^left: \d+ pieces \(model "crash and loss", .*, …\)\nnot recorded\n/);
  expect(status).toBe(3);
});
