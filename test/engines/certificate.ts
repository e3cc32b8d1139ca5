import { spawnSync } from "node:child_process";
import { installOnDebian } from "./debian.ts";
import type { Found } from "./engine.ts";

/** A certificate for 127.0.0.1 that signs itself, and its private key; both PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Whether there is an openssl command, without which no engine speaks TLS. */
export function findOpenssl(): Found<{ readonly on: string }> {
  const { status, stdout } = spawnSync("openssl", ["version"], { encoding: "utf8" });
  return status === 0
    ? { on: stdout.trim() }
    : { missing: 'no openssl command was found; "npm run engines" installs it on Debian as root' };
}

export function installOpenssl(): Found<{ readonly on: string }> {
  if ("missing" in findOpenssl()) installOnDebian("openssl");
  return findOpenssl();
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
