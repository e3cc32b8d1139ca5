// What must hold, by name; docs/protocol.md lists it. The simulation in test/race goes by the same names.

/** Each with what it says. */
export const invariants = {
  "one run per lease":
    "a handler starts only when every other run of its key has its end in the table, or has come to the end of its lease by the clock of its own execution. A crashed run counts until then.",
  "only the owner writes": "an extension or an end changes only the running record of its own owner, or is put where there is none.",
  "no kept outcome is lost":
    "within its retention nothing replaces a completion, a kept failure or a hold; except the run of a message that was sent after the failure.",
  "no run after a kept outcome": "within its retention no handler starts, with the same exception.",
  "equal answers":
    "every answer that is read from the table is the kept one; a run tells its own result where the table took it. (A run whose end nobody acknowledged tells its own caller its own result: the work is done.)",
  "attempts go up": "with each takeover within retention.",
  "nothing stays stuck":
    "who is told busy, and comes again when told to, is not told so of the same record, and is told no later moment than needed; who was answered without a run leaves no claim behind. (A claim that arrives after its sender gave it up stays for its lease: nothing can prevent that.)",
  "expired answers nobody": "no answer is read from a record whose time has come, and it closes its key to nobody.",
  "other payloads are told so":
    "in flight and done; they are answered from no record of another payload, and run nothing until the key expires. Nobody else is told so.",
  "unknown is unknown":
    "nobody is told so of a completion or a kept failure, nor of a run that was live when it was looked at and has completed since.",
  "a lapsed run stays closed under throw": 'with `onLeaseExpired: "throw"` nobody takes over another\'s run within its retention.',
  "a record is kept for its retention": "and no longer: for that, and the second by which it is rounded up.",
  "an owner is not told that it lost": "where it did not.",
  "who ran is told so":
    "its own result or error, the winner's result, or that its lease was lost: nothing that says that no handler ran for it.",
  "a later message is run again": "a failure is not replayed to a message that was sent after it.",
  "a run has time left": "no waiter starts a run after its invocation's deadline.",
  "kept results can be read": "a result that stands beside its record is there as long as the record answers.",
} as const;

export type Invariant = keyof typeof invariants;

/** What does not depend on clocks that agree. */
export const withoutClocks: ReadonlySet<Invariant> = new Set<Invariant>([
  "only the owner writes",
  "no kept outcome is lost",
  "attempts go up",
  "nothing stays stuck",
]);
