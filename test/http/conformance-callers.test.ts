// Conformance 3: whose key it is. Two callers share nothing, and where nobody can tell who asks, nothing runs.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HttpOptions, HttpRequest } from "../../src/http/index.ts";
import { apiOn, charge, expectReplay, forms, gist, type KeyedRequest } from "./api.ts";
import { alb, albMulti, type FrontDoor, frontDoors, functionUrl, payload1, payload2, rest } from "./front-doors.ts";
import { dynamodbLocal, suiteTables } from "./table-store.ts";

/** Two that a front door tells apart, or that a function of ours does. */
interface Two {
  readonly title: string;
  readonly door: FrontDoor;
  readonly alice: KeyedRequest;
  readonly bob: KeyedRequest;
  readonly scope: NonNullable<HttpOptions["scope"]>;
}

const tenantOf = ({ headers }: HttpRequest): string | undefined => headers["x-tenant"]?.[0];

const pairs: readonly Two[] = frontDoors.flatMap((door) => [
  ...door.names.map((kind): Two => {
    // Sessions of one role, by one access key.
    const caller = (name: string): KeyedRequest => ({
      caller: kind === "subject" ? { subject: name } : { signer: `AROAEXAMPLE:${name}` },
    });
    return { title: `${door.name}: ${kind}`, door, alice: caller("alice"), bob: caller("bob"), scope: "caller" };
  }),
  {
    title: `${door.name}: a function`,
    door,
    alice: { headers: { "X-Tenant": "alice" } },
    bob: { headers: { "X-Tenant": "bob" } },
    scope: tenantOf,
  },
]);

/** Authorizers that name no principal, and none. */
const unnamed: readonly (readonly [title: string, door: FrontDoor, change: (context: Record<string, unknown>) => object])[] = [
  ...frontDoors.map((door) => [`${door.name}: nobody`, door, (context: object) => context] as const),
  ["a Lambda authorizer's context", payload2, (context) => ({ ...context, authorizer: { lambda: { tenant: "a", principalId: "a" } } })],
  [
    "a token without a subject",
    payload2,
    (context) => ({ ...context, authorizer: { jwt: { claims: { iss: "https://issuer.example" } } } }),
  ],
  ["an empty subject", rest, (context) => ({ ...context, authorizer: { claims: { iss: "https://issuer.example", sub: "" } } })],
  ["an API key", rest, (context) => ({ ...context, identity: { ...(context["identity"] as object), apiKey: "k", apiKeyId: "id" } })],
  ["a client certificate", payload1, (context) => ({ ...context, identity: { clientCert: { subjectDN: "CN=a", serialNumber: "1" } } })],
  ["an access key alone", functionUrl, (context) => ({ ...context, authorizer: { iam: { accessKey: "ASIAEXAMPLE", accountId: "1" } } })],
];

describe.skipIf(!dynamodbLocal.available).for(forms)("%s", (form) => {
  const tables = suiteTables(dynamodbLocal);
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
  afterEach(() => void vi.restoreAllMocks());

  it.for(pairs)("two callers, one key and body: two runs, and each has its own answer. $title", async ({ door, alice, bob, scope }) => {
    const api = apiOn(await tables(), charge(), { form, options: { scope } });
    const [hers, his] = [await api.send(door, alice), await api.send(door, bob)];
    expect([gist(hers), gist(his), api.runs]).toEqual([[201, "created"], [201, "created"], 2]);
    expect([String(hers.body), String(his.body)]).toEqual(['{"charge":1}', '{"charge":2}']);
    expectReplay(await api.send(door, alice), hers);
    expectReplay(await api.send(door, bob), his);
    expect(api.runs).toBe(2);
  });

  it.for(pairs)("another one's key with another body is no mismatch, also while it runs. $title", async ({ door, alice, bob, scope }) => {
    const during: unknown[] = [];
    const api = apiOn(
      await tables(),
      async () => {
        if (api.runs === 1) during.push(...gist(await api.send(door, { ...bob, body: { amount: 6 } })));
        return { status: 201 };
      },
      { form, options: { scope } },
    );
    expect([gist(await api.send(door, alice)), during, api.runs]).toEqual([[201, "created"], [201, "created"], 2]);
  });

  it.for(unnamed)("who asks cannot be told: 500, nothing runs, and no request. %s", async ([, door, change]) => {
    const table = await tables();
    const changed: FrontDoor = {
      ...door,
      event(request) {
        const event = door.event(request) as { requestContext: Record<string, unknown> };
        return { ...event, requestContext: change(event.requestContext) };
      },
    };
    const api = apiOn(table, charge(), { form, options: { scope: "caller" } });
    expect(gist(await api.send(changed))).toEqual([500, "rejected", "idempotency_scope_unresolved"]);
    expect([api.runs, table.faults.log, api.events]).toEqual([0, [], []]);
  });

  it.for(frontDoors)("a function that knows nobody: 500, nothing runs, and no request. $name", async (door) => {
    const table = await tables();
    const api = apiOn(table, charge(), { form, options: { scope: tenantOf } });
    expect(gist(await api.send(door))).toEqual([500, "rejected", "idempotency_scope_unresolved"]);
    expect([api.runs, table.faults.log, api.events]).toEqual([0, [], []]);
  });

  it.for([alb, albMulti])("a header that claims to be an identity is none. $name", async (door) => {
    const api = apiOn(await tables(), charge(), { form, options: { scope: "caller" } });
    expect(gist(await api.send(door, { headers: { "X-Amzn-Oidc-Identity": "alice" } }))[0]).toBe(500);
    expect(api.runs).toBe(0);
  });
});
