/** A mutant of `src/core`, by texts rather than line numbers, which every edit moves; each in one line, single-spaced. */
export interface Mutation {
  readonly file: string;
  /** The line that the mutated text begins on. */
  readonly line: string;
  /** Stryker's name for the kind of change. */
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
}

/** A mutant that no test can kill. */
export interface Survivor extends Mutation {
  /** Why no behaviour changes. */
  readonly why: string;
}

const failedBefore = {
  file: "src/core/verdict.ts",
  line: "return retryBeforeMs !== undefined && record.completedAt !== undefined && record.completedAt < retryBeforeMs;",
  why: "the compiler asks for it: a comparison with undefined is false by itself",
} as const;

export const survivors: readonly Survivor[] = [
  {
    file: "src/core/clock.ts",
    line: "else cancel = clock.timer?.(left, look); // a timer may be a millisecond early",
    mutator: "OptionalChaining",
    original: "clock.timer?.(left, look)",
    replacement: "clock.timer(left, look)",
    why: "the compiler asks for it: a clock without timers has been told apart before",
  },
  {
    file: "src/core/resolve.ts",
    line: 'return /^(1|true|yes|on)$/i.test(env["IDEMPOTENCY_DISABLED"]?.trim() ?? "");',
    mutator: "StringLiteral",
    original: '""',
    replacement: '"Stryker was here!"',
    why: "any text but the four words says that nothing is switched off",
  },
  {
    file: "src/core/errors.ts",
    line: 'if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function") Promise.resolve(value).catch(() => {});',
    mutator: "ConditionalExpression",
    original: 'typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function"',
    replacement: "true",
    why: "it saves a promise: one of a value that is no promise resolves, and nobody looks at it",
  },
  {
    file: "src/core/errors.ts",
    line: 'if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function") Promise.resolve(value).catch(() => {});',
    mutator: "OptionalChaining",
    original: "(value as PromiseLike<unknown> | null | undefined)?.then",
    replacement: "(value as PromiseLike<unknown> | null | undefined).then",
    why: "it saves a throw: what has no members ends in the catch, like a `then` that cannot be looked at",
  },
  {
    file: "src/core/run.ts",
    line: 'else if (settled.kind === "kept" && ending.status === "completed") reportNotKept(call, 0, { bytes: 0, ...ending, ...settled.kept });',
    mutator: "ConditionalExpression",
    original: 'ending.status === "completed"',
    replacement: "true",
    why: "the compiler asks for it: an ending that is no completion has no encoding, so no lost one is reported",
  },
  {
    file: "src/core/replay.ts",
    line: 'if (judge(record, { owner, fingerprint, onLeaseExpired: "throw" }, call.clock.now()).kind !== "replay") return undefined;',
    mutator: "StringLiteral",
    original: '"throw"',
    replacement: '""',
    why: "onLeaseExpired decides over records in progress, and this one is completed",
  },
  {
    ...failedBefore,
    mutator: "ConditionalExpression",
    original: "retryBeforeMs !== undefined && record.completedAt !== undefined",
    replacement: "true",
  },
  {
    ...failedBefore,
    mutator: "LogicalOperator",
    original: "retryBeforeMs !== undefined && record.completedAt !== undefined",
    replacement: "retryBeforeMs !== undefined || record.completedAt !== undefined",
  },
  { ...failedBefore, mutator: "ConditionalExpression", original: "retryBeforeMs !== undefined", replacement: "true" },
  { ...failedBefore, mutator: "ConditionalExpression", original: "record.completedAt !== undefined", replacement: "true" },
  {
    file: "src/core/verdict.ts",
    line: 'return fingerprint.split(":", 1)[0] ?? "";',
    mutator: "StringLiteral",
    original: '""',
    replacement: '"Stryker was here!"',
    why: "the compiler asks for it: a text that is split has a first part",
  },
];
