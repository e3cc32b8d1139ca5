// Conformance 2: what belongs to a key. The same request in another spelling is a duplicate; any other one is refused, while the
// first one runs and after.
import { describe, expect, it } from "vitest";
import { type Api, apiOn, charge, expectReplay, type Form, forms, gist, type KeyedRequest } from "./api.ts";
import { type FrontDoor, frontDoors } from "./front-doors.ts";
import { dynamodbLocal, suiteTables, type TableStore } from "./table-store.ts";

type Pair = readonly [title: string, first: KeyedRequest, second: KeyedRequest];

const same: readonly Pair[] = [
  ["order of members", json('{"a":1,"b":{"c":2,"d":3}}'), json('{"b":{"d":3,"c":2},"a":1}')],
  ["white space", json('{"a":[1,2]}'), json(' { "a" : [ 1 ,\n2 ] }\r\n')],
  ["spellings of a number", json('{"a":1,"b":0.5,"c":100}'), json('{"a":1.0,"b":5e-1,"c":1E+2}')],
  ["escapes", json('{"a":"\\u00e9\\/"}'), json('{"\\u0061":"é/"}')],
  ["parameters and case of the type", json("{}"), json("{}", "Application/JSON; charset=UTF-8")],
  ["bytes in Base64 and text", json('{"a":"é"}'), { ...json(""), body: Buffer.from('{"a":"é"}') }],
  [
    "a JSON type of one's own",
    json('{"a":1,"b":2}', "application/merge-patch+json"),
    json('{"b":2,"a":1}', "application/merge-patch+json"),
  ],
  ["bytes that are no text", { body: Buffer.from([0, 255, 128]) }, { body: Buffer.from([0, 255, 128]) }],
  ["no JSON that says so", json("{"), json("{")],
  ["a member twice, byte for byte", json('{"a":1,"a":2}'), json('{"a":1,"a":2}')],
  ["no body", { body: null }, { body: null }],
  ["order of the query", { query: { a: "1", b: "x y" } }, { query: { b: "x y", a: "1" } }],
];

const different: readonly Pair[] = [
  ["a value", json('{"a":1}'), json('{"a":2}')],
  ["null and absent", json('{"a":1,"b":null}'), json('{"a":1}')],
  ["numbers beyond doubles", json('{"a":9007199254740993}'), json('{"a":9007199254740992}')],
  ["digits that a double has not", json('{"a":0.1}'), json('{"a":0.1000000000000000055511151231257827}')],
  ["numbers beyond all", json('{"a":1e400}'), json('{"a":1e401}')],
  ["zero and minus zero", json('{"a":0}'), json('{"a":-0}')],
  ["a member twice and once", json('{"a":1,"a":2}'), json('{"a":2}')],
  ["a member twice, the first one other", json('{"a":1,"a":2}'), json('{"a":3,"a":2}')],
  ["a member twice, once escaped", json('{"a":1,"\\u0061":2}'), json('{"a":2}')],
  ["__proto__ and absent", json('{"a":1,"__proto__":{"b":2}}'), json('{"a":1}')],
  ["a text and a number", json('{"a":"1"}'), json('{"a":1}')],
  ["order of a list", json("[1,2]"), json("[2,1]")],
  ["composed and decomposed", json('{"a":"\\u00e9"}'), json('{"a":"e\\u0301"}')],
  ["halves of surrogates", json('{"a":"\\ud800"}'), json('{"a":"\\ud801"}')],
  ["an empty body and an empty object", json(""), json("{}")],
  ["no JSON and the JSON of it", json("{"), json('"{"')],
  ["the media type", json("{}"), json("{}", "text/plain")],
  ["bytes", { body: Buffer.from([0, 255]) }, { body: Buffer.from([0, 254]) }],
  ["bytes that are no UTF-8", { ...json(""), body: Buffer.from([34, 255, 34]) }, { ...json(""), body: Buffer.from([34, 254, 34]) }],
  ["the query", { query: { a: "1" } }, { query: { a: "2" } }],
  ["a query and none", { query: { a: "1" } }, {}],
  ["names and values of a query", { query: { "a=b": "c" } }, { query: { a: "b=c" } }],
];

function json(body: string, type = "application/json"): KeyedRequest {
  return { body, headers: { "content-type": type } };
}

/** Sends a second request while the first one runs, and again after it; the three answers. */
async function inAndAfter(table: TableStore, door: FrontDoor, form: Form, [, first, second]: Pair, options = {}) {
  const work = charge();
  const during: unknown[] = [];
  const api: Api = apiOn(
    table,
    async () => {
      if (api.runs === 1) during.push(...gist(await api.send(door, second)));
      return work(undefined as never, undefined as never);
    },
    { form, options },
  );
  const answer = await api.send(door, first);
  return { api, during, answer, after: await api.send(door, second) };
}

const everywhere = forms.flatMap((form) => frontDoors.map((door) => ({ form, door, through: door.name })));

describe.skipIf(!dynamodbLocal.available).for(everywhere)("$form, through: $through", ({ form, door }) => {
  const tables = suiteTables(dynamodbLocal);
  const reused = [422, "mismatch", "idempotency_key_reused"];

  it.for(same)("the same: %s", async (pair) => {
    const { api, during, answer, after } = await inAndAfter(await tables(), door, form, pair);
    expect(during).toEqual([409, "conflict", "idempotency_in_progress"]);
    expectReplay(after, answer);
    expect(api.runs).toBe(1);
  });

  it.for(different)("another: %s", async (pair) => {
    const { api, during, answer, after } = await inAndAfter(await tables(), door, form, pair);
    expect([during, gist(answer), gist(after), api.runs]).toEqual([reused, [201, "created"], reused, 1]);
    expectReplay(await api.send(door, pair[1]), answer);
  });

  const paths: Pair = ["paths", { path: "/orders/1/pay", route: "/orders/{id}/pay" }, { path: "/orders/2/pay", route: "/orders/{id}/pay" }];

  it("another path of one route: another payload; of no route that the front door names: another key", async () => {
    const { during, after, api } = await inAndAfter(await tables(), door, form, paths);
    if (door.routes) expect([during, gist(after), api.runs]).toEqual([reused, reused, 1]);
    else expect([during, gist(after), api.runs]).toEqual([[201, "created"], [201, "replayed"], 2]);
  });

  it("another method or route is another key, and without the route in the key another payload", async () => {
    for (const second of [{ method: "PATCH" }, { path: "/refunds" }]) {
      const apart = await inAndAfter(await tables(), door, form, ["", {}, second]);
      expect([apart.during, gist(apart.after), apart.api.runs]).toEqual([[201, "created"], [201, "replayed"], 2]);
      const together = await inAndAfter(await tables(), door, form, ["", {}, second], { routeInKey: false });
      expect([together.during, gist(together.after), together.api.runs]).toEqual([reused, reused, 1]);
    }
  });

  it("headers that options name belong to it, others do not", async () => {
    const v = (version: string): KeyedRequest => ({ headers: { "X-Api-Version": version } });
    const loose = await inAndAfter(await tables(), door, form, ["", v("1"), v("2")]);
    expect([gist(loose.after), loose.api.runs]).toEqual([[201, "replayed"], 1]);
    const bound = await inAndAfter(await tables(), door, form, ["", v("1"), v("2")], { fingerprintHeaders: ["x-api-version"] });
    expect([bound.during, gist(bound.after), bound.api.runs]).toEqual([reused, reused, 1]);
  });
});
