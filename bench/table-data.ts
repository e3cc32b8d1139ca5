// A table before it is printed, in the terminal or in docs/cost.md.

export type Cell = string | number | undefined;

export interface TableData {
  /** Its mark in docs/cost.md. */
  readonly name: string;
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export function rounded(value: number | undefined): Cell {
  return value === undefined ? undefined : Number(value.toFixed(3));
}
