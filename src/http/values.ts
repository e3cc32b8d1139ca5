/** Members of what came from outside: anything. */
export type Fields = Readonly<Record<string, unknown>>;

/** Names and their values, in the order in which they came, as of headers or a query. */
export type Values = Record<string, string[]>;

/** Whose names may be anything, `__proto__` included. */
export function noValues(): Values {
  return Object.create(null) as Values;
}

export function append(values: Values, name: string, value: string): void {
  (values[name] ??= []).push(value);
}
