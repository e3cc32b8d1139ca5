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

export const survivors: readonly Survivor[] = [];
