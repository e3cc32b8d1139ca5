// MiniStack, the SQS of the tests and the AWS of `cdk deploy`: it comes from PyPI, Python 3.10 from the machine.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { selfSigned } from "./certificate.ts";
import { type ChildEngine, startChild } from "./child.ts";
import { enginesFolder, type Found } from "./engine.ts";
import { findNode, type NodeMajor } from "./node.ts";

/** What pip installs: MiniStack and its dependencies, each with its version. */
export const requirements: string = join(import.meta.dirname, "ministack.txt");
export const venv: string = join(enginesFolder, "python");
export const venvPython: string = join(venv, "bin", "python");
/** A copy of the requirements, written when they are all installed. */
export const stamp: string = join(venv, "installed.txt");

export const ministackVersion: string = /^ministack==(.+)$/m.exec(readFileSync(requirements, "utf8"))?.[1] ?? "";

/** The Python that has MiniStack. */
export function findMinistack(): Found<{ readonly python: string }> {
  const installed = existsSync(venvPython) && existsSync(stamp) && readFileSync(stamp, "utf8") === readFileSync(requirements, "utf8");
  if (installed) return { python: venvPython };
  return { missing: `MiniStack ${ministackVersion} is not installed; "npm run engines" installs it where Python 3.10 or newer is` };
}

export interface MinistackOptions {
  /** The Node that its functions run on. Default: 24. */
  readonly node?: NodeMajor;
  /**
   * Whether it checks signatures and policies, and speaks TLS: the bucket of `cdk bootstrap` refuses anything else.
   * Otherwise everybody may do everything. Default: false.
   */
  readonly iam?: boolean;
}

/** MiniStack, running. */
export interface Ministack extends ChildEngine {
  /** The file with the certificate that it shows, where it speaks TLS. */
  readonly certificateFile: string | undefined;
}

const certificateFile = "certificate.pem";
const keyFile = "key.pem";

/**
 * Starts MiniStack with what ministack_main.py adds, in memory, on a free port; it also stops when this process dies.
 * How a client reaches it: `clientConfig`, and `cliEnvironment` for the CDK CLI.
 */
export async function startMinistack({ node = 24, iam = false }: MinistackOptions = {}): Promise<Ministack> {
  const [found, functions] = [findMinistack(), findNode(node)];
  if ("missing" in found) throw new Error(`MiniStack: ${found.missing}`);
  if ("missing" in functions) throw new Error(`MiniStack: ${functions.missing}`);
  const tls = iam ? selfSigned() : undefined;
  const engine = await startChild({
    name: "MiniStack",
    command: found.python,
    args: () => [join(import.meta.dirname, "ministack_main.py")],
    env: (port, folder) => ({ ...environment(port, functions.path, iam), ...(iam ? enforcement(folder) : {}) }),
    ...(tls ? { certificate: tls.certificate, files: { [certificateFile]: tls.certificate, [keyFile]: tls.key } } : {}),
  });
  return { ...engine, certificateFile: iam ? join(engine.folder, certificateFile) : undefined };
}

function environment(port: number, path: string, tls: boolean): NodeJS.ProcessEnv {
  // It would call itself an AWS elsewhere.
  const ofAws = Object.keys(process.env).filter((name) => name.startsWith("AWS_"));
  return {
    ...Object.fromEntries(ofAws.map((name) => [name, undefined])),
    GATEWAY_PORT: String(port),
    BIND_HOST: "127.0.0.1",
    // Queue URLs would say "localhost", of which the SDK warns in every call.
    MINISTACK_HOST: "127.0.0.1",
    LOG_LEVEL: "WARNING",
    // What functions with a runtime of their own get as AWS_ENDPOINT_URL.
    LOCALSTACK_HOSTNAME: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    // Its functions run as processes, also on a machine that has Docker.
    DOCKER_HOST: "unix:///nonexistent/docker.sock",
    // Its functions run on the first node of the path.
    PATH: path,
  };
}

function enforcement(folder: string): NodeJS.ProcessEnv {
  const certificate = join(folder, certificateFile);
  return {
    AUTH: "true",
    USE_SSL: "1",
    MINISTACK_SSL_CERT: certificate,
    MINISTACK_SSL_KEY: join(folder, keyFile),
    // Its functions inherit it.
    NODE_EXTRA_CA_CERTS: certificate,
  };
}
