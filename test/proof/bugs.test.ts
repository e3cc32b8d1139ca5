// The bugs that must be found: each fits the sources, none is forgotten, and one that nothing finds fails the proof.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { type Bug, bugs } from "./bugs.ts";
import { root } from "./finders.ts";
import { type Finds, type Ground, hunt, huntAgain, isFound } from "./hunt.ts";
import { patch } from "./planted.ts";
import { bugJobs, type Put } from "./work.ts";

const asked: Readonly<Record<string, string>> = {
  "unfenced complete": "unfenced-complete",
  "unfenced release": "unfenced-release",
  "release by a loser": "release-by-a-loser",
  "takeover that does not compare the status": "takeover-without-status",
  "… or the expiry": "takeover-without-expiry",
  "… or nothing at all": "takeover-without-condition",
  "lease in seconds": "lease-in-seconds",
  "missing skew margin": "no-skew-margin",
  "expiry not checked on read": "expiry-not-checked",
  "expiry judged before a live lease": "expiry-before-live-lease",
  "expiry counted from the claim instead of the lease's end": "expiry-from-the-claim",
  "lost acknowledgement of a claim not recognised": "lost-claim-not-recognised",
  "lost acknowledgement of a completion not recognised": "lost-completion-not-recognised",
  "own claim believed after its lease": "own-claim-believed-after-its-lease",
  "own lapsed claim answered with busy": "own-lapsed-claim-busy",
  "release after a completion was sent": "release-after-completion",
  "extension that moves a lease back": "extension-moves-back",
  "extension that takes its own retry for a loss": "extension-retry-is-a-loss",
  "fingerprint judged after busy": "fingerprint-after-busy",
  "unknown answered from a stale refusal": "unknown-from-a-stale-refusal",
  "child items named by attempt": "children-named-by-attempt",
  "child items that expire first": "children-expire-first",
  "failed replayed to a message sent after the failure": "failed-replayed-to-later-message",
};

const harmless: Bug = {
  name: "harmless",
  about: "Nothing is wrong.",
  edits: [{ file: "src/core/lease.ts", from: "skewMarginMs = 1000", to: "skewMarginMs = 1_000" }],
};
const little: Ground = { seeds: [1], schedules: 20, configurations: ["older build"] };
const signal = new AbortController().signal;

describe("the list of bugs", () => {
  it("has each that is asked for, once", () => {
    expect(bugs.map(({ name }) => name).toSorted()).toEqual(Object.values(asked).toSorted());
  });

  it.for(bugs)("$name fits the sources, and changes them", (bug) => {
    expect(patch(bug).size).toBeGreaterThan(0);
  });

  it("refuses a patch that does not fit", () => {
    const edits = [{ file: "src/core/lease.ts", from: "no such text", to: "" }];
    expect(() => patch({ ...harmless, edits })).toThrow('the patch of "harmless" does not fit src/core/lease.ts, which must have exactly');
  });
});

describe("a hunt", () => {
  it("finds nothing where nothing is wrong, which fails the proof, and leaves no copy", async () => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    const put = vi.fn<Put>();
    const [job] = bugJobs([harmless], (bug, signal) => hunt(bug, little, signal), put);
    await expect(job?.run(signal)).resolves.toBe(false);
    expect(console.log).toHaveBeenCalledExactlyOnceWith("bug harmless: NOT FOUND: seed 1 does not find it");
    expect(put).toHaveBeenCalledExactlyOnceWith("bugs", expect.stringMatching(/^harmless [0-9a-f]{12}$/), { seeds: [{ seed: 1 }] });
    expect(
      existsSync(join(root, ".proof/bugs")) && readdirSync(join(root, ".proof/bugs")).some((name) => name.startsWith("harmless-")),
    ).toBe(false);
  });

  it("looks first where the bug was found before, by the seed that needs the fewest schedules", async () => {
    const seeds = [2, 1].map((seed) => ({ seed, schedule: 10 * seed, invariant: "" }));
    const bug = bugs.find(({ name }) => name === "unfenced-complete") ?? harmless;
    const found = await huntAgain(bug, { seeds }, signal);
    expect(found.seeds).toEqual([{ seed: 1, schedule: expect.any(Number), invariant: "no write of a non-owner lands" }]);
    expect(found.failure?.trace.length).toBeGreaterThan(3);
    expect(found.model).toBeUndefined();
  });

  it.for<{ name: string; finds: Finds; found: boolean }>([
    {
      name: "each seed finds it",
      finds: {
        seeds: [
          { seed: 1, schedule: 1 },
          { seed: 2, schedule: 9 },
        ],
      },
      found: true,
    },
    { name: "one seed does not", finds: { seeds: [{ seed: 1, schedule: 1 }, { seed: 2 }] }, found: false },
    { name: "no seed was asked", finds: { seeds: [] }, found: false },
    { name: "the model does", finds: { seeds: [{ seed: 1 }], model: { configuration: "", steps: 1, invariant: "" } }, found: true },
  ])("has found a bug or not where $name", ({ finds, found }) => {
    expect(isFound(finds)).toBe(found);
  });
});
