// How far the work is, on one line of a terminal.
import { clearLine, cursorTo } from "node:readline";
import type { RedriveProgress } from "../redrive/index.ts";

const cells = 30;

export interface Progress {
  show(line: string): void;
  /** Takes the line away. */
  end(): void;
}

/** Nothing is shown where the stream is no terminal. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { show() {}, end() {} };
  function clear(): void {
    cursorTo(stream, 0);
    clearLine(stream, 0);
  }
  return {
    show(line) {
      clear();
      stream.write(line);
    },
    end: clear,
  };
}

export function barOf({ done, total }: RedriveProgress): string {
  const full = total === 0 ? cells : Math.min(cells, Math.floor((done / total) * cells));
  return `[${"=".repeat(full)}${" ".repeat(cells - full)}] ${done} of ${total}`;
}
