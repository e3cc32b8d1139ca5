// `npm run engines`: sees to it that every engine of the tests can start, and says what is there.
import { installOpenssl } from "./certificate.ts";
import { installChromium } from "./chromium.ts";
import { installCurl } from "./curl.ts";
import { elasticmqVersion } from "./elasticmq.ts";
import { installElasticmq } from "./install-elasticmq.ts";
import { installJava } from "./install-java.ts";
import { installMinistack } from "./install-ministack.ts";
import { installNode22, installRuntimeClient } from "./install-npm.ts";
import { ministackVersion } from "./ministack.ts";
import { node22, runtimeClient } from "./npm-packages.ts";

const java = tell("DynamoDB Local", installJava());
tell(`ElasticMQ ${elasticmqVersion}`, "missing" in java ? java : await installElasticmq(java));
tell(`MiniStack ${ministackVersion}`, installMinistack());
tell("TLS", installOpenssl());
tell("curl", installCurl());
tell("Chromium", installChromium());
tell(`Node ${node22.version}`, installNode22());
tell(`${runtimeClient.name} ${runtimeClient.version}`, installRuntimeClient());

function tell<T extends { readonly on: string }>(engine: string, installed: T | { readonly missing: string }): typeof installed {
  if ("missing" in installed) {
    console.error(`${engine} cannot run. ${installed.missing}`);
    process.exitCode = 1;
  } else {
    console.log(`${engine} can run, on ${installed.on}`);
  }
  return installed;
}
