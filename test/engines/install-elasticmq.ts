// ElasticMQ's jars from Maven Central.
import { existsSync } from "node:fs";
import { downloadVerified } from "./download.ts";
import { elasticmqJars, type Jar, jarFile } from "./elasticmq.ts";
import type { Found } from "./engine.ts";
import type { Java } from "./install-java.ts";

const central = "https://repo1.maven.org/maven2";
const atOnce = 4;

export async function installElasticmq(java: Java): Promise<Found<{ readonly on: string }>> {
  const jars = elasticmqJars();
  const absent = jars.filter((jar) => !existsSync(jarFile(jar)));
  const left = absent.values();
  try {
    await Promise.all(Array.from({ length: atOnce }, () => installEach(left)));
  } catch (error) {
    return { missing: `${(error as Error).message} Run "npm run engines" again.` };
  }
  return { on: `${java.on}; ${jars.length} jars, ${absent.length} of them new` };
}

async function installEach(jars: Iterable<Jar>): Promise<void> {
  for (const jar of jars) await downloadVerified(urlOf(jar), jar.sha256, jarFile(jar));
}

/** Where Maven's repository layout puts the file. */
function urlOf({ coordinates }: Jar): string {
  const [group = "", artifact, version] = coordinates.split(":");
  return `${central}/${group.replaceAll(".", "/")}/${artifact}/${version}/${artifact}-${version}.jar`;
}
