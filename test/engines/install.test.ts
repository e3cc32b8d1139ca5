import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { downloadVerified } from "./download.ts";
import { elasticmqJars, elasticmqVersion } from "./elasticmq.ts";
import { findMinistack, ministackVersion, requirements } from "./ministack.ts";
import { isInstalled, node22, runtimeClient, stampOf } from "./npm-packages.ts";

const jar = "the content of a jar";
const sha256 = createHash("sha256").update(jar).digest("hex");

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "lambda-once-install-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** A mirror of jars that answers with these, one after the other. */
async function mirror(...answers: readonly { readonly status: number; readonly text: string }[]) {
  const left = answers.values();
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    const { status, text } = left.next().value ?? { status: 500, text: "" };
    response.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.jar`, asked: () => asked };
}

it("a download that has its hash is there, under its name only, also at the second try", async () => {
  const [into, { url, asked }] = [folder(), await mirror({ status: 503, text: "" }, { status: 200, text: jar })];
  await downloadVerified(url, sha256, join(into, "jars/a.jar"));
  expect([readdirSync(join(into, "jars")), readFileSync(join(into, "jars/a.jar"), "utf8"), asked()]).toEqual([["a.jar"], jar, 2]);
});

it.for([
  {
    name: "has another hash",
    answers: [{ status: 200, text: `${jar}, tampered with` }],
    says: /has the SHA-256 .* is expected; nothing of it was kept/,
  },
  {
    name: "is not there",
    answers: Array.from({ length: 4 }, () => ({ status: 404, text: jar })),
    says: /could not be downloaded: it answers 404/,
  },
])("nothing is kept of a download that $name", async ({ answers, says }) => {
  const [into, { url }] = [folder(), await mirror(...answers)];
  await expect(downloadVerified(url, sha256, join(into, "a.jar"))).rejects.toThrow(says);
  expect(readdirSync(into)).toEqual([]);
});

it.for([
  { name: "an install of this version", stamp: stampOf(node22), installed: true },
  { name: "an install of another version", stamp: stampOf({ ...node22, version: "22.0.0" }), installed: false },
  { name: "an install that did not finish", stamp: undefined, installed: false },
])("$name counts: $installed", ({ stamp, installed }) => {
  const into = folder();
  const file = join(into, "installed.txt");
  if (stamp !== undefined) writeFileSync(file, stamp);
  expect(isInstalled({ ...node22, folder: into, stamp: file })).toBe(installed);
});

it("what is installed has its version and its hash", () => {
  for (const { version } of [node22, runtimeClient]) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  const jars = elasticmqJars();
  expect(jars.map(({ coordinates }) => coordinates)).toContain(`org.elasticmq:elasticmq-server_2.13:${elasticmqVersion}`);
  for (const { coordinates, sha256 } of jars) {
    expect(coordinates).toMatch(/^[\w.-]+:[\w.-]+:[\w.-]+$/);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  }
  expect(
    readFileSync(requirements, "utf8")
      .trim()
      .split("\n")
      .filter((line) => !/^[\w-]+==[\w.]+$/.test(line)),
  ).toEqual([]);
});

it.skipIf("missing" in findMinistack())("what is added to MiniStack refuses another version, whose private names it does not know", () => {
  const found = findMinistack();
  const [python, lib] = ["python" in found ? found.python : "", folder()];
  mkdirSync(join(lib, "ministack-9.9.9.dist-info"));
  writeFileSync(join(lib, "ministack-9.9.9.dist-info/METADATA"), "Metadata-Version: 2.1\nName: ministack\nVersion: 9.9.9\n");
  const main = join(import.meta.dirname, "ministack_main.py");
  const { status, stderr } = spawnSync(python, [main], { encoding: "utf8", env: { ...process.env, PYTHONPATH: [lib].join(delimiter) } });
  expect([status, stderr]).toEqual([1, expect.stringContaining(`knows ${ministackVersion} from inside, and this is 9.9.9`)]);
});
