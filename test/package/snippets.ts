// What a page shows, compiled and run: inside the package, so that the snippets import it by its own name.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Snippets {
  /** Its maker removes it. */
  readonly folder: string;
  /** What the compiler says of them; empty where all is well. */
  compile(snippets: readonly string[]): Promise<string>;
  /** What a program in the folder prints; rejects where it fails. */
  play(file: string, env?: NodeJS.ProcessEnv): Promise<string>;
}

export function snippetsIn(name: string): Snippets {
  const parent = join(root, ".packed");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, `${name}-`));
  return {
    folder,
    compile(snippets) {
      snippets.forEach((snippet, i) => writeFileSync(join(folder, `snippet-${i}.ts`), snippet));
      const compilerOptions = { rootDir: "../..", noUnusedLocals: false };
      const tsconfig = { extends: "../../test/tsconfig.json", compilerOptions, include: ["*.ts"] };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
      return run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]).then(
        () => "",
        ({ stdout }: { stdout: string }) => stdout,
      );
    },
    async play(file, env = {}) {
      const { stdout } = await run(process.execPath, ["--conditions=lambda-once:source", file], {
        cwd: folder,
        env: { ...process.env, ...env },
      });
      return stdout;
    },
  };
}
