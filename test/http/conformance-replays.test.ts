// Conformance 6: recorded through one front door, replayed through each other, where scope and route resolve alike.
import { describe, expect, it } from "vitest";
import { apiOn, expectReplay, forms, gist, type KeyedRequest, unmarked, type Work } from "./api.ts";
import { type Answer, alb, albMulti, frontDoors, functionUrl, payload1, payload2, rest, type FrontDoor } from "./front-doors.ts";
import { joined, type Received } from "./received.ts";
import { dynamodbLocal, suiteTables } from "./table-store.ts";

const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 256); // with what is no UTF-8

const answers: readonly (Answer & { readonly title: string })[] = [
  { title: "JSON", status: 201, headers: { "Content-Type": "application/json", Location: "/charges/1" }, body: '{"charge":1}' },
  { title: "text beyond ASCII", status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: "é😀\u2028\u0000" },
  { title: "bytes", status: 200, headers: { "content-type": "application/pdf", ETag: '"v1"' }, body: bytes },
  { title: "no body", status: 204 },
  { title: "a redirect", status: 303, headers: { Location: "/receipts/1" } },
  {
    title: "a refusal of the handler's",
    status: 422,
    headers: { "content-type": "application/problem+json" },
    body: '{"code":"declined"}',
  },
  {
    title: "headers with several values, and cookies",
    status: 201,
    headers: { link: ['</a>; rel="next"', '</b>; rel="prev"'], vary: ["accept", "origin"] },
    cookies: ["session=s3cret; HttpOnly", "theme=dark"],
    body: "done",
  },
];

/** Headers of one answer only. */
const ofOneAnswer = {
  Date: "Thu, 01 Jan 2026 00:00:00 GMT",
  "Content-Length": "4",
  Connection: "close",
  "WWW-Authenticate": "Bearer",
  "X-Request-Id": "r1",
  "X-Amzn-Trace-Id": "Root=1",
  Traceparent: "00-1-2-03",
  "X-Internal": "node-7",
};

const pairs = frontDoors.flatMap((from) => frontDoors.map((to) => ({ from, to })));

describe.skipIf(!dynamodbLocal.available).for(forms)("%s", (form) => {
  const tables = suiteTables(dynamodbLocal);

  describe.for(frontDoors)("recorded through: $name", (from) => {
    it.for(answers)("$title, through each other", async (answer) => {
      const api = apiOn(await tables(), () => answer, { form });
      const first = await api.send(from);
      const body = Buffer.from(answer.body ?? "");
      expect([first.status, first.body.equals(body), gist(first)[1]]).toEqual([answer.status, true, "created"]);
      for (const to of frontDoors) {
        const replay = await api.send(to);
        expectReplay(replay, first);
        expect(replay.body.equals(body)).toBe(true);
        expect(replay.headers["idempotency-original-request"]).toEqual(["request-1"]);
      }
      expect(api.runs).toBe(1);
    });
  });

  it.for(pairs)("several values stay several where a front door has lists: $from.name, then $to.name", async ({ from, to }) => {
    const api = apiOn(await tables(), () => ({ status: 200, headers: { link: ["</a>", "</b>"] } }), { form });
    await api.send(from);
    const { link } = (await api.send(to)).headers;
    const hasLists = (door: FrontDoor): boolean => [rest, payload1, albMulti].includes(door);
    expect(link).toEqual(hasLists(from) && hasLists(to) ? ["</a>", "</b>"] : ["</a>, </b>"]);
  });

  it.for(pairs)("what belongs to one answer is not replayed, unless options say so: $from.name, then $to.name", async ({ from, to }) => {
    const work: Work = () => ({ status: 200, headers: ofOneAnswer, cookies: ["session=s3cret"] });
    const table = await tables();
    const plain = apiOn(table, work, { form });
    expect(Object.keys((await plain.send(from)).headers)).toEqual(expect.arrayContaining(["x-request-id", "x-internal", "date"]));
    const replay = await plain.send(to);
    for (const name of Object.keys(ofOneAnswer)) expect(replay.headers).not.toHaveProperty(name.toLowerCase());
    expect(replay.cookies).toEqual([]);
    const more = apiOn(table, work, { form, options: { keepHeaders: ["X-Internal"] } });
    await more.send(from, { key: "key-2" });
    expect(joined((await more.send(to, { key: "key-2" })).headers)).toMatchObject({ "x-internal": "node-7" });
  });

  describe("who the caller is, whichever front door names them", () => {
    it.for<{ title: string; doors: readonly FrontDoor[]; request: KeyedRequest }>([
      { title: "a subject", doors: [rest, payload1, payload2], request: { caller: { subject: "alice" } } },
      { title: "a signer", doors: [rest, payload1, payload2, functionUrl], request: { caller: { signer: "AROAEXAMPLE:alice" } } },
      {
        title: "a route with a template",
        doors: [rest, payload1, payload2],
        request: { caller: { subject: "alice" }, path: "/orders/1/pay", route: "/orders/{id}/pay" },
      },
    ])("$title", async ({ doors, request }) => {
      const api = apiOn(await tables(), undefined, { form, options: { scope: "caller" } });
      const [first, ...others] = await inTurn(doors, (door) => api.send(door, request));
      for (const other of others) expectReplay(other, first as Received);
      expect([api.runs, others.length]).toEqual([1, doors.length - 1]);
    });

    it("a template is another route than the path that a front door without templates has", async () => {
      const request: KeyedRequest = { path: "/orders/1/pay", route: "/orders/{id}/pay" };
      const api = apiOn(await tables(), undefined, { form });
      const [first, second, third] = await inTurn([rest, functionUrl, alb], (door) => api.send(door, request));
      expect([first, second, third].map((each) => gist(each as Received)[1])).toEqual(["created", "created", "replayed"]);
    });
  });

  it.for([[{ ok: true }], ["text"], [null], [[1, 2]], [0]])("payload format 2.0 takes any value: %j", async ([value]) => {
    const api = apiOn(await tables(), () => ({ raw: value }), { form });
    const first = await api.send(payload2);
    const body = typeof value === "string" ? value : JSON.stringify(value);
    expect(unmarked(first)).toEqual({
      status: 200,
      headers: { "content-type": "application/json", "idempotency-key": "key-1" },
      body: Buffer.from(body).toString("base64"),
    });
    for (const door of frontDoors) expectReplay(await api.send(door), first);
    expect(api.runs).toBe(1);
  });
});

async function inTurn<T, R>(all: readonly T[], ask: (one: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (const one of all) answers.push(await ask(one));
  return answers;
}
