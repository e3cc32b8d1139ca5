import { expect, it } from "vitest";
import { hashKey } from "../../src/core/key.ts";
import { s3Key, type S3Record } from "../../src/keys/index.ts";
import { changed, s3Event } from "./events.ts";

function keyWith(member: string, value: unknown) {
  return s3Key(changed(s3Event.Records[0], ["s3", "object", member], value) as S3Record);
}

it.for([undefined, null, ""])("is there for an object without a version: %j", (versionId) => {
  expect(keyWith("versionId", versionId)).toEqual([
    "amzn-s3-demo-bucket",
    "HappyFace.jpg",
    false,
    "0055AED6DCD90281E5",
    "ObjectCreated:Put",
  ]);
});

it("tells versions apart, and each from none", () => {
  // Suspended versioning has a version of the name "null".
  const versions = [undefined, "null", "false", "096fKKXTRTtl3on89fVO.nfljtsv6qko", "0055AED6DCD90281E5"];
  expect(new Set(versions.map((versionId) => hashKey(keyWith("versionId", versionId)))).size).toBe(versions.length);
});

it.for([5, true, {}, ["v"]])("is none where the version is no text: %j", (versionId) => {
  expect(keyWith("versionId", versionId)).toBeUndefined();
});

it("is none for an event without a sequencer, since two of them could not be told apart", () => {
  const tagged = changed(s3Event.Records[0], ["eventName"], "ObjectTagging:Put");
  expect(s3Key(changed(tagged, ["s3", "object", "sequencer"], undefined) as S3Record)).toBeUndefined();
});

// 1,024 bytes in UTF-8, which is as long as a key may be; three characters each once they are URL-encoded.
const longest = encodeURIComponent("é".repeat(512));

it.for([
  ["URL-encoded", longest, `${longest.slice(0, -1)}8`],
  ["as it is, which other stores send", "é".repeat(1024), `${"é".repeat(1023)}e`],
  ["with pairs where it is cut", `a${"👍".repeat(511)}`, `a${"👍".repeat(510)}👎`],
])("can be hashed for the longest object key, %s", ([, key, other]) => {
  expect(hashKey(keyWith("key", key))).not.toBe(hashKey(keyWith("key", other)));
});
