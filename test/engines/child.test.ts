// An engine starts on a free port, is told why where it cannot, and never outlives the process that started it.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { until } from "../support/until.ts";
import { findOpenssl, selfSigned } from "./certificate.ts";
import { type Program, runToEnd, startChild } from "./child.ts";

// Answers with its process id, that of a child of its own, and its temporary folder.
const server = `
  const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  require("node:http")
    .createServer((_, answer) => answer.end(JSON.stringify({ pids: [process.pid, child.pid], folder: process.env.TMPDIR })))
    .listen(Number(process.argv[1]), "127.0.0.1");
`;
const program: Program = { name: "A server", command: process.execPath, args: (port) => ["-e", server, String(port)] };

interface Told {
  readonly pids: readonly number[];
  readonly folder: string;
}

const tell = async (endpoint: string) => (await (await fetch(endpoint)).json()) as Told;

it("stops with its children, and leaves no temporary folder", async () => {
  const engine = await startChild(program);
  const { pids, folder } = await tell(engine.endpoint);
  expect([pids.map(isAlive), existsSync(join(folder, "package.json"))]).toEqual([[true, true], true]);
  await engine.stop();
  await until("all are gone", async () => (pids.some(isAlive) ? undefined : true));
  expect(existsSync(folder)).toBe(false);
});

it("stops also where the process that started it is killed", async () => {
  const starter = `
    import { startChild } from ${JSON.stringify(join(import.meta.dirname, "child.ts"))};
    const { endpoint } = await startChild({ ...${JSON.stringify(program)}, args: (port) => ["-e", ${JSON.stringify(server)}, String(port)] });
    console.log(endpoint);
    setInterval(() => {}, 1000);
  `;
  const parent = spawn(process.execPath, ["--input-type=module-typescript", "-e", starter], { stdio: ["ignore", "pipe", "inherit"] });
  const endpoint = await new Promise<string>((resolve) => parent.stdout.once("data", (line: Buffer) => resolve(line.toString().trim())));
  const { pids, folder } = await tell(endpoint);
  parent.kill("SIGKILL");
  await until("all are gone", async () => (pids.some(isAlive) || existsSync(folder) ? undefined : true));
});

it("takes another port where somebody has taken the first", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));
  const ports: number[] = [];
  const args = (port: number) => {
    ports.push(port);
    return program.args(ports.length === 1 ? (squatter.address() as AddressInfo).port : port);
  };
  const engine = await startChild({ ...program, args });
  expect([ports.length, engine.endpoint]).toEqual([2, `http://127.0.0.1:${ports[1]}`]);
  await engine.stop();
  squatter.close();
});

it.skipIf("missing" in findOpenssl())("is awaited over TLS too, with the files that it was given in its folder", async () => {
  const { certificate, key } = selfSigned();
  const secure = `
    const [cert, key] = ["cert.pem", "key.pem"].map((file) => require("node:fs").readFileSync(file));
    require("node:https").createServer({ cert, key }, (_, answer) => answer.end()).listen(Number(process.argv[1]), "127.0.0.1");
  `;
  const files = { "cert.pem": certificate, "key.pem": key };
  const engine = await startChild({ ...program, args: (port) => ["-e", secure, String(port)], files, certificate });
  expect([engine.endpoint, existsSync(join(engine.folder, "key.pem"))]).toEqual([expect.stringMatching(/^https:/), true]);
  await engine.stop();
  expect(existsSync(engine.folder)).toBe(false);
});

it.for<{ name: string; because: RegExp } & Partial<Program>>([
  { name: "its command is not there", command: "/nonexistent/java", because: /A server did not start: .*ENOENT/ },
  { name: "it ends at once", args: () => ["-e", 'throw new Error("planted")'], because: /A server did not start: [^]*planted/ },
])("says why where $name", async ({ because, name: _, ...broken }) => {
  await expect(startChild({ ...program, ...broken })).rejects.toThrow(because);
});

const ofNode = (script: string) => ({
  name: "A program",
  command: process.execPath,
  args: (folder: string) => ["-e", script, folder],
  env: (folder: string) => ({ FOLDER: folder }),
  cwd: import.meta.dirname,
  limitMs: 10_000,
});
const telling = "console.log(JSON.stringify({ pids: [process.pid], folder: process.env.FOLDER, cwd: process.cwd() }));";

it("a program that ends by itself says how, where and what, and leaves no temporary folder", async () => {
  const { end, said } = await runToEnd(ofNode(telling));
  const { folder, cwd } = JSON.parse(said) as Told & { readonly cwd: string };
  expect([end, cwd, existsSync(folder)]).toEqual(["ok", import.meta.dirname, false]);
  expect(await runToEnd(ofNode('console.error("planted"); process.exitCode = 3'))).toEqual({ end: "failed", said: "planted\n" });
});

it("a program that takes too long is killed", async () => {
  const { end, said } = await runToEnd({ ...ofNode(`${telling} setInterval(() => {}, 1000)`), limitMs: 2000 });
  const { pids, folder } = JSON.parse(said) as Told;
  expect([end, pids.map(isAlive), existsSync(folder)]).toEqual(["killed", [false], false]);
});

it("a program ends also where the process that started it is killed", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "child-")), "told.json");
  onTestFinished(() => rmSync(dirname(file), { recursive: true }));
  const program = `
    const told = JSON.stringify({ pids: [process.pid], folder: process.env.FOLDER });
    require("node:fs").writeFileSync(${JSON.stringify(`${file}.draft`)}, told);
    require("node:fs").renameSync(${JSON.stringify(`${file}.draft`)}, ${JSON.stringify(file)});
    setInterval(() => {}, 1000);
  `;
  const starter = `
    import { runToEnd } from ${JSON.stringify(join(import.meta.dirname, "child.ts"))};
    const env = (folder) => ({ FOLDER: folder });
    await runToEnd({ name: "A program", command: process.execPath, args: () => ["-e", ${JSON.stringify(program)}], env, cwd: "/", limitMs: 60_000 });
  `;
  const parent = spawn(process.execPath, ["--input-type=module-typescript", "-e", starter], { stdio: ["ignore", "ignore", "inherit"] });
  await until("it runs", async () => (existsSync(file) ? true : undefined));
  const { pids, folder } = JSON.parse(readFileSync(file, "utf8")) as Told;
  expect([pids.map(isAlive), existsSync(folder)]).toEqual([[true], true]);
  parent.kill("SIGKILL");
  await until("all are gone", async () => (pids.some(isAlive) || existsSync(folder) ? undefined : true));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
