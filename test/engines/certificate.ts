import { spawnSync } from "node:child_process";

/** A certificate for 127.0.0.1 that signs itself, and its private key; both PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a new one, good for 30 days; needs the openssl command, and throws with what it says. */
export function selfSigned(): Certificate {
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1"];
  const names = ["-addext", "subjectAltName=IP:127.0.0.1"];
  const { status, stdout, stderr, error } = spawnSync("openssl", [...args, ...names, "-keyout", "-", "-out", "-"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl cannot make a certificate: ${error?.message ?? stderr}`);
  return { certificate: block(stdout, "CERTIFICATE"), key: block(stdout, "PRIVATE KEY") };
}

function block(pem: string, name: string): string {
  const found = new RegExp(`-----BEGIN ${name}-----[^]*?-----END ${name}-----\n`).exec(pem)?.[0];
  if (found === undefined) throw new Error(`openssl made no ${name}`);
  return found;
}
