// How those outside reach MiniStack: an AWS SDK client, and the CDK CLI.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentOptions } from "node:https";
import { root } from "./engine.ts";
import type { Ministack } from "./ministack.ts";

export const region = "us-east-1";
export const account = "000000000000";
/** The account's root, who may do everything, also where IAM is enforced. */
export const rootCredentials = { accessKeyId: "test", secretAccessKey: "test" } as const;

/** What a client of the AWS SDK is made with. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly requestHandler: { readonly httpAgent: AgentOptions; readonly httpsAgent: AgentOptions };
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** For any client of the AWS SDK; trusts the engine's certificate, where it has one. */
export function clientConfig(engine: Ministack, credentials: Credentials = rootCredentials): ClientConfig {
  const agent = { keepAlive: true, maxSockets: 200 };
  return {
    endpoint: engine.endpoint,
    region,
    credentials,
    requestHandler: { httpAgent: agent, httpsAgent: { ...agent, ...trust(engine) } },
  };
}

/** What an HTTPS request needs in order to trust the engine; nothing where it speaks plain HTTP. */
export function trust({ certificateFile }: Ministack): { readonly ca?: string } {
  return certificateFile === undefined ? {} : { ca: readFileSync(certificateFile, "utf8") };
}

/** All the environment that the CDK CLI needs, at home in a folder: nothing of this machine's accounts, configuration and home folder. */
export function cliEnvironment(engine: Pick<Ministack, "endpoint" | "certificateFile">, folder: string): NodeJS.ProcessEnv {
  const home = join(folder, "home");
  return {
    PATH: [join(root, "node_modules/.bin"), process.env["PATH"]].join(":"),
    HOME: home,
    CDK_HOME: home,
    TMPDIR: folder,
    AWS_ENDPOINT_URL: engine.endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: rootCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: rootCredentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: "true",
    CDK_DISABLE_CLI_TELEMETRY: "true",
    // The CLI trusts what this names, and not what NODE_EXTRA_CA_CERTS does.
    ...(engine.certificateFile === undefined ? {} : { AWS_CA_BUNDLE: engine.certificateFile }),
  };
}
