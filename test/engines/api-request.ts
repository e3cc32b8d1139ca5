// Requests to a deployed HTTP API, from outside: signed as IAM wants them, or not.
import { createHash, createHmac } from "node:crypto";
import { type IncomingHttpHeaders, request as plain } from "node:http";
import { request as secure } from "node:https";
import type { Ministack } from "./ministack.ts";
import { type Credentials, region, trust } from "./ministack-access.ts";

export interface ApiRequest {
  readonly apiId: string;
  readonly method: string;
  /** Of the API, from its root: letters, digits, `-` and `/` only. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whose signature it carries (Signature Version 4). Default: none. */
  readonly credentials?: Credentials;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request to an HTTP API's default stage. */
export function requestApi(
  engine: Ministack,
  { apiId, method, path, headers = {}, body = "", credentials }: ApiRequest,
): Promise<ApiResponse> {
  // Host names of APIs lead to AWS, and this is how MiniStack has them on its own.
  const url = new URL(`${engine.endpoint}/_aws/execute-api/${apiId}${path}`);
  const all = { host: url.host, ...headers };
  const sent = credentials === undefined ? all : signed(credentials, method, url.pathname, all, body);
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? secure : plain)(url, { method, headers: sent, ...trust(engine) });
    request.once("error", reject).once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).once("error", reject);
      response.once("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() });
      });
    });
    request.end(body);
  });
}

type Headers = Readonly<Record<string, string>>;

/** With a signature: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signed(credentials: Credentials, method: string, path: string, given: Headers, body: string): Headers {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const token = credentials.sessionToken;
  const headers: Headers = { ...given, "x-amz-date": time, ...(token === undefined ? {} : { "x-amz-security-token": token }) };
  const names = Object.keys(headers).sort();
  const canonical = [method, path, "", ...names.map((name) => `${name}:${headers[name]}`), "", names.join(";"), sha256(body)].join("\n");
  const scope = [time.slice(0, 8), region, "execute-api", "aws4_request"];
  const toSign = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n");
  const key = scope.reduce<string | Buffer>((key, part) => hmac(key, part).digest(), `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, toSign).digest("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope.join("/")}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...headers, authorization };
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text);
