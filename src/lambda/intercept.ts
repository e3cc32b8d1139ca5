/** What happens beside the reads and writes of a property. */
export interface Interception<T> {
  /** After a read, with what it gives. */
  readonly read?: (value: T) => void;
  /** Before a write, with what is written. */
  readonly write?: (value: T) => void;
}

/**
 * Sees each read and write of a property from now on; values go through unchanged. A property that is intercepted
 * already is intercepted around that, so that several onlookers on one object do not meet.
 */
export function intercept<T extends object, K extends keyof T>(target: T, name: K, { read, write }: Interception<T[K]>): void {
  const previous = Object.getOwnPropertyDescriptor(target, name);
  let value = previous?.value as T[K];
  const get = (previous?.get ?? (() => value)) as () => T[K];
  const set = (previous?.set ?? ((written) => void (value = written))) as (written: T[K]) => void;
  Object.defineProperty(target, name, {
    enumerable: true,
    configurable: true,
    get() {
      const given = get.call(target);
      read?.(given);
      return given;
    },
    set(written: T[K]) {
      write?.(written);
      set.call(target, written);
    },
  });
}
