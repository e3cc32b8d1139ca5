// ElasticMQ's jars from Maven Central, each verified before it gets its name.
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { elasticmqJars, type Jar, jarFile } from "./elasticmq.ts";
import type { Found } from "./engine.ts";
import type { Java } from "./install-java.ts";

const central = "https://repo1.maven.org/maven2";
const atOnce = 4;
const tries = 3;

export async function installElasticmq(java: Java): Promise<Found<{ readonly on: string }>> {
  const jars = elasticmqJars();
  const absent = jars.filter((jar) => !existsSync(jarFile(jar)));
  const left = absent.values();
  try {
    await Promise.all(Array.from({ length: atOnce }, () => installEach(left)));
  } catch (error) {
    return { missing: (error as Error).message };
  }
  return { on: `${java.on}; ${jars.length} jars, ${absent.length} of them new` };
}

async function installEach(jars: Iterable<Jar>): Promise<void> {
  for (const jar of jars) await install(jar);
}

async function install(jar: Jar): Promise<void> {
  const content = await download(urlOf(jar));
  const sha256 = createHash("sha256").update(content).digest("hex");
  if (sha256 !== jar.sha256)
    throw new Error(`${urlOf(jar)} has the SHA-256 ${sha256} where ${jar.sha256} is expected; nothing was kept of it.`);
  const file = jarFile(jar);
  mkdirSync(dirname(file), { recursive: true });
  // A half-written file never gets the name by which it is looked for.
  const unfinished = `${file}.${randomUUID()}`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, file);
}

async function download(url: string): Promise<Buffer> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(120_000) });
      if (!answer.ok) throw new Error(`it answers ${answer.status} ${answer.statusText}`);
      return Buffer.from(await answer.arrayBuffer());
    } catch (error) {
      if (attempt < tries) continue;
      const { message, cause } = error as Error;
      const why = cause instanceof Error ? cause.message : message;
      throw new Error(`${url} could not be downloaded: ${why}. Run "npm run engines" again.`, { cause: error });
    }
  }
}

/** Where Maven's repository layout puts the file. */
function urlOf({ coordinates }: Jar): string {
  const [group = "", artifact, version] = coordinates.split(":");
  return `${central}/${group.replaceAll(".", "/")}/${artifact}/${version}/${artifact}-${version}.jar`;
}
