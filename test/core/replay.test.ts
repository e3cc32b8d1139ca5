// A replay by itself, where a delivery through a store in memory does not come to it.
import { expect, it } from "vitest";
import { jsonCodec } from "../../src/core/codec.ts";
import { replay } from "../../src/core/replay.ts";
import { claimedRecord } from "../../src/core/store.ts";
import { ReplayedError } from "../../src/index.ts";
import { testClock } from "../support/clock.ts";
import { callOn, refOn } from "./call-on.ts";

const policy = { codec: jsonCodec, onReplay: undefined };

it("of a failure whose error was not kept has an error's name, and no more", async () => {
  const call = callOn();
  const error: unknown = await replay(call, policy, { ...claimedRecord(refOn(call), 1), status: "failed" }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ReplayedError);
  expect({ ...(error as object) }).toEqual({ name: "Error" });
});

it("of a result that does not come is refused in time for the invocation's answer", async () => {
  const clock = testClock();
  const deadline = clock.now() + 1500;
  const call = callOn({ clock, deadline: () => deadline });
  const silent = { ...call, store: { ...call.store, result: () => new Promise<never>(() => {}) } };
  const record = { ...claimedRecord(refOn(call), 1), status: "completed", encoding: "json" } as const;
  let error: unknown;
  void replay(silent, policy, record).catch((thrown: unknown) => (error = thrown));
  await clock.advance(1299);
  expect(error).toBeUndefined();
  await clock.advance(1);
  expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", message: 'operation "charge": the store did not answer within 1300 ms' });
});
