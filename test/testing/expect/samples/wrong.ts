// Handlers that are not idempotent: each has to be found, by a schedule that shows it.
import { idempotent, IdempotencyError, payloadKey } from "../../../../src/index.ts";
import { hashKey } from "../../../../src/core/key.ts";
import { expiryAfter } from "../../../../src/core/lease.ts";
import type { ClaimRef, Store } from "../../../../src/core/store.ts";
import { events as aws } from "../../../../src/testing/index.ts";
import { charging, events, type Order, type Sample } from "./sample.ts";

const operation = "charge";
const key = ({ id }: Order): string => id;
let owners = 0;

interface SqsRecord {
  readonly body: string;
}

interface HttpEvent {
  readonly body: string;
  readonly requestContext: { readonly requestId: string };
}

const noWrapper = charging((charges) => () => async ({ id, amount }: Order) => {
  charges.push({ id, amount });
});

/** The key names the delivery, not the operation. */
const keyOfDelivery = charging(
  (charges) =>
    ({ store }) =>
      idempotent(
        async ({ id, amount }: Order, _context: { awsRequestId: string }) => {
          charges.push({ id, amount });
        },
        { store, operation, key: (_order, { awsRequestId }) => awsRequestId },
      ),
);

/** The key names the minute, too. */
const keyOfMinute = charging(
  (charges) =>
    ({ store }) =>
      idempotent(
        async ({ id, amount }: Order) => {
          charges.push({ id, amount });
        },
        { store, operation, key: ({ id }) => [id, Math.floor((store.clock?.now() ?? 0) / 60_000)] },
      ),
);

/** The effect comes before the part that runs once. */
const effectOutside = charging((charges) => ({ store }) => {
  const answer = idempotent(async (order: Order) => ({ charged: order.amount }), { store, operation, key });
  return async (order: Order) => {
    charges.push({ id: order.id, amount: order.amount });
    return answer(order);
  };
});

/** What has been done is known to the environment alone. */
const memoryOfEnvironment = charging((charges) => () => {
  const done = new Set<string>();
  return async ({ id, amount }: Order) => {
    if (done.has(id)) return;
    done.add(id);
    charges.push({ id, amount });
  };
});

/** Reads, acts, then writes: two at the same time both read that nothing is there. */
function readsThenWrites(): Sample {
  const done = new Set<string>();
  const { makeHandler, options } = charging((charges) => () => async ({ id, amount }: Order) => {
    const isDone = await Promise.resolve(done.has(id));
    if (isDone) return;
    charges.push({ id, amount });
    await Promise.resolve();
    done.add(id);
  })();
  return { makeHandler, options: { ...options, reset: () => done.clear() } };
}

/** Marks the order as done before the work: an environment that dies in between leaves it undone for good. */
const marksBeforeWork = charging((charges) => ({ store }) => async ({ id, amount }: Order) => {
  const claim = claimOf(store, id);
  if (!(await store.claim(claim)).applied) return { charged: amount };
  const completedAt = claim.startedAt;
  await store.settle(claim, { status: "completed", encoding: "void", completedAt, expiresAt: claim.expiresAt, write: "update" });
  charges.push({ id, amount });
  return { charged: amount };
});

/** A lock that nobody takes over: what dies under it blocks its order. The store closes no key; the handler does not ask it. */
function lockWithoutLease(): Sample {
  const locks = new Set<string>();
  const { makeHandler, options } = charging((charges) => ({ store }) => async ({ id, amount }: Order) => {
    if (locks.has(id)) throw new Error("locked");
    locks.add(id);
    const charge = idempotent(
      async () => {
        charges.push({ id, amount });
        return { charged: amount };
      },
      { store, operation, key: () => id },
    );
    const answer = await charge();
    locks.delete(id);
    return answer;
  })();
  return { makeHandler, options: { ...options, reset: () => locks.clear() } };
}

/** Takes a refusal for a failure of the library, and works without it. */
const runsOnRefusal = charging((charges) => ({ store }) => {
  const work = async ({ id, amount }: Order): Promise<{ charged: number }> => {
    await Promise.resolve();
    charges.push({ id, amount });
    return { charged: amount };
  };
  const charge = idempotent(work, { store, operation, key });
  return async (order: Order) => {
    try {
      return await charge(order);
    } catch (error) {
      if (error instanceof IdempotencyError) return work(order);
      throw error;
    }
  };
});

/** Each delivery makes up a receipt of its own. */
const answersDiffer = charging((charges) => ({ store }) => {
  const charge = idempotent(
    async ({ id, amount }: Order) => {
      charges.push({ id, amount });
    },
    { store, operation, key },
  );
  let receipts = 0;
  return async (order: Order) => {
    await charge(order);
    return { receipt: ++receipts };
  };
});

/** Takes any claim over, also one whose lease is live: the second run begins while the first still works. */
function takesOverLiveClaims(): Sample {
  const { makeHandler, options } = charging((charges) => ({ store }) => async ({ id, amount }: Order) => {
    const claim = claimOf(store, id);
    const answer = await store.claim(claim);
    if (!answer.applied) {
      const record = answer.record;
      if (record?.status === "completed") return { charged: amount };
      if (record === undefined || !(await store.takeOver(record, claim)).applied) throw new Error("in progress");
    }
    charges.push({ id, amount });
    const completedAt = claim.startedAt;
    await store.settle(claim, { status: "completed", encoding: "void", completedAt, expiresAt: claim.expiresAt, write: "update" });
    return { charged: amount };
  })();
  return { makeHandler, options: { ...options, events: events.slice(0, 1) } };
}

function claimOf({ clock }: Store, id: string): ClaimRef {
  const startedAt = clock?.now() ?? 0;
  const leaseUntil = startedAt + 1000;
  const expiresAt = expiryAfter(leaseUntil, 3600);
  const owner = `owner-${++owners}`;
  const record = { operation, keyHash: hashKey(id) };
  return { id: record, keyParts: id, owner, attempt: 1, startedAt, leaseUntil, expiresAt, retentionSeconds: 3600 };
}

/** The key is made of all that SQS delivers, and so of the receipt. */
function keyOfReceipt(): Sample {
  const { makeHandler, options } = charging((charges) => ({ store }) => {
    const charge = idempotent(async ({ body }: SqsRecord) => void charges.push(JSON.parse(body) as Order), {
      store,
      operation,
      key: (record) => payloadKey(record),
    });
    return async ({ Records }: { Records: SqsRecord[] }) => {
      for (const record of Records) await charge(record);
    };
  })();
  return { makeHandler, options: { ...options, events: events.map((body) => aws.sqs([{ body }])) } };
}

/** The key is API Gateway's id of the request, which a client's retry does not have. */
function keyOfRequest(): Sample {
  const { makeHandler, options } = charging((charges) => ({ store }) => {
    const charge = async ({ body }: HttpEvent): Promise<{ statusCode: number }> => {
      charges.push(JSON.parse(body) as Order);
      return { statusCode: 201 };
    };
    return idempotent(charge, { store, operation, key: ({ requestContext }) => requestContext.requestId });
  })();
  return { makeHandler, options: { ...options, events: events.map((body) => aws.apiGatewayV2({ body })) } };
}

export const wrong = {
  keyOfReceipt,
  keyOfRequest,
  noWrapper,
  keyOfDelivery,
  keyOfMinute,
  effectOutside,
  memoryOfEnvironment,
  readsThenWrites,
  marksBeforeWork,
  lockWithoutLease,
  runsOnRefusal,
  answersDiffer,
  takesOverLiveClaims,
};
