// What the command says of itself, also where there is no AWS SDK.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { nowhere, run } from "./command.ts";

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as { version: string };

describe("help", () => {
  it.for(["--help", "-h", "help"])("%s names all commands, the environment and the exit codes", async (flag) => {
    const { code, stdout, stderr } = await run([flag], {});
    expect([code, stderr]).toEqual([0, ""]);
    const words = ["IDEMPOTENCY_TABLE", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_DYNAMODB", "3 aborted"];
    for (const text of [...commands.map(({ name }) => `  ${name} `), ...words]) expect(stdout).toContain(text);
  });

  it("redrive --help names its commands only", async () => {
    const { code, stdout } = await run(["redrive", "--help"], {});
    expect([code, stdout.match(/^ {2}\w.*?(?= {2}|$)/gm)?.length]).toEqual([0, 4]);
  });

  it.for(commands)("of $name: usage, each option, examples; in at most 130 columns", async ({ name, options, examples }) => {
    const { code, stdout, stderr } = await run([...name.split(" "), "--help"], nowhere);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`Usage: lambda-once ${name} `);
    for (const text of [...options.map((option) => `\n  --${option}`), ...examples]) expect(stdout).toContain(text);
    const described = stdout.split("Examples:")[0] ?? "";
    expect(described.split("\n").filter((line) => line.length > 130)).toEqual([]);
  });

  it.for(commands.flatMap(({ name, options, examples }) => examples.map((example) => ({ name, options, example }))))(
    "an example has options of its command: $example",
    ({ name, options, example }) => {
      expect(example.startsWith(`lambda-once ${name} `)).toBe(true);
      const [own = ""] = example.split(" | ");
      for (const [, option = ""] of own.matchAll(/ --([a-z-]+)/g)) expect(options).toContain(option);
    },
  );

  it.for(["--version", "-v"])("%s says the package's", async (flag) => {
    expect(await run([flag], {})).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});
