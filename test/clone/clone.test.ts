// What somebody meets who clones this repository on a machine with Node and npm, without Java and Python.
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshMachine, type Machine } from "./machine.ts";

let machine: Machine;
beforeAll(() => {
  machine = freshMachine();
});
afterAll(() => machine.remove());

it("the machine has node and npm only", async () => {
  const has = async (commands: string[]): Promise<boolean[]> => Promise.all(commands.map((command) => machine.has(command)));
  expect(await has(["node", "npm", "npx", "sh"])).toEqual([true, true, true, true]);
  expect(await has(["java", "python3", "python", "git", "tar", "bash"])).toEqual([false, false, false, false, false, false]);
});

it("npm ci && npm run demo", async () => {
  const { status, output } = await machine.run("npm ci && npm run demo");
  expect(status, output).toBe(0);
  // EBADENGINE is expected under Node 20; an install script that nobody has reviewed is not.
  expect(output).not.toMatch(/install.scripts|allowScripts/i);
});

it("npm test: what needs a missing engine is named and reported as skipped", async () => {
  const { status, output } = await machine.run("npm test");
  expect(status, output).toBe(0);
  expect(output).toMatch(/DynamoDB Local is missing, its suites are skipped: Java 17 or newer is needed/);
  expect(output).toMatch(/Tests .*\d+ passed.* \d+ skipped/);
});

it("without allowScripts in package.json, npm ci would have warned", async ({ skip }) => {
  const { output } = await machine.run("npm pkg delete allowScripts && npm install-scripts ls");
  skip(output.includes("Unknown command"), "this npm does not look at install scripts");
  expect(output).toContain("install scripts not yet covered by allowScripts");
});
