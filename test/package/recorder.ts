// What an import pulls: node --import recorder.ts runs with this, and prints it as one line of JSON when it ends.
import { registerHooks } from "node:module";

/** Packages that the package's own files ask for, and every package that is loaded because of them. */
export interface Pulled {
  readonly asked: readonly string[];
  readonly loaded: readonly string[];
}

const asked = new Set<string>();
const loaded = new Set<string>();

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const bare = !/^(\.|\/|file:|node:)/.test(specifier);
    if (bare && packageOf(context.parentURL) === "lambda-once") asked.add(packageIn(specifier) ?? specifier);
    const name = packageOf(resolved.url);
    if (name !== undefined && name !== "lambda-once") loaded.add(name);
    return resolved;
  },
});

process.on("exit", () => console.log(JSON.stringify({ asked: [...asked], loaded: [...loaded] } satisfies Pulled)));

function packageOf(url: string | undefined): string | undefined {
  return packageIn(/.*\/node_modules\/(.*)/.exec(url ?? "")?.[1] ?? "");
}

function packageIn(path: string): string | undefined {
  return /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}
