// CDK apps of people who have installed the package: each in an empty folder, with what npm brings.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { type Ran, usersEnvironment } from "./machine.ts";

const root = join(import.meta.dirname, "../..");
const tarball = join(root, ".packed/lambda-once.tgz");

export interface CdkApp {
  /** What tsc says with these options; empty where all is well. */
  compile(...options: string[]): Promise<string>;
  write(file: string, text: string): void;
  edit(file: string, change: (text: string) => string): void;
  /** `npm test`, with these variables on top of the user's. */
  test(variables?: NodeJS.ProcessEnv): Promise<Ran>;
  /** `cdk synth`, as it stands in cdk.json. */
  synthesize(): Promise<Template>;
  remove(): void;
}

/** What `cdk init` writes: CommonJS, since its package.json has no type, and Jest, whose test looks at the visibility timeout. */
export async function initializedApp(stack: string): Promise<CdkApp> {
  const app = appIn(emptyFolder());
  await app.run("cdk", "init", "app", "--language", "typescript", "--generate-only");
  const { devDependencies, ...manifest } = app.read("package.json") as { devDependencies: Record<string, string> };
  // The CLI is this repository's.
  const { "aws-cdk": _, ...others } = devDependencies;
  app.write("package.json", JSON.stringify({ ...manifest, devDependencies: { ...others, typescript } }));
  app.write("lib/orders-stack.ts", stack);
  app.edit("test/orders.test.ts", (text) => text.replaceAll(/^\/\/ example.*\n|^\/\//gm, "").replace("300", "60"));
  await app.install();
  return app;
}

/** ES modules, run as they are by a Node that strips types. */
export async function moduleApp(stack: string): Promise<CdkApp> {
  const app = appIn(emptyFolder());
  const dependencies = { "aws-cdk-lib": "^2.276.0", constructs: "^10.5.0" };
  app.write("package.json", JSON.stringify({ type: "module", dependencies, devDependencies: { typescript, "@types/node": "^24.0.0" } }));
  app.write("cdk.json", JSON.stringify({ app: "node app.ts" }));
  const compilerOptions = { module: "nodenext", target: "es2023", strict: true, noEmit: true, allowImportingTsExtensions: true };
  app.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  app.write("orders-stack.ts", stack);
  const lines = [
    'import { App } from "aws-cdk-lib";',
    'import { OrdersStack } from "./orders-stack.ts";',
    'new OrdersStack(new App(), "OrdersStack");',
  ];
  app.write("app.ts", lines.join("\n"));
  await app.install();
  return app;
}

const typescript = "~5.9.0";

/** Its name is the app's: `cdk init` makes the names of files and classes of it. */
function emptyFolder(): string {
  const folder = join(mkdtempSync(join(tmpdir(), "lambda-once-cdk-")), "orders");
  mkdirSync(folder);
  return folder;
}

interface AppInFolder extends CdkApp {
  readonly folder: string;
  run(command: string, ...args: string[]): Promise<Ran>;
  read(file: string): unknown;
  install(): Promise<void>;
}

function appIn(folder: string): AppInFolder {
  const path = [dirname(process.execPath), join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const env = { ...usersEnvironment(), PATH: path, NO_COLOR: "1" };
  const run = (command: string, ...args: string[]) => outputOf(command, args, { cwd: folder, env });
  const succeed = async (command: string, ...args: string[]) => {
    const { status, output } = await run(command, ...args);
    if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${output}`);
  };
  const textOf = (file: string): string => readFileSync(join(folder, file), "utf8");
  const read = (file: string): unknown => JSON.parse(textOf(file));
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  return {
    folder,
    run,
    read,
    write,
    edit: (file, change) => write(file, change(textOf(file))),
    test: (variables = {}) => outputOf("npm", ["test"], { cwd: folder, env: { ...env, ...variables } }),
    install: () => succeed("npm", "install", "--no-audit", "--no-fund", tarball),
    async compile(...options) {
      return (await run(process.execPath, "node_modules/typescript/bin/tsc", ...options)).output;
    },
    async synthesize() {
      await succeed("cdk", "synth", "--quiet");
      return Template.fromJSON(read("cdk.out/OrdersStack.template.json") as Record<string, unknown>);
    },
    remove: () => rmSync(dirname(folder), { recursive: true }),
  };
}

function outputOf(command: string, args: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }) {
  return new Promise<Ran>((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output }));
  });
}
