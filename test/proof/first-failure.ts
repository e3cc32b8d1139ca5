// Vitest imports all test files of a worker even once a failure has ended the run: a mutant that is killed needs no more.
import { TestRunner } from "vitest";

export default class FirstFailure extends TestRunner {
  #over = false;

  override cancel(reason: Parameters<TestRunner["cancel"]>[0]): void {
    this.#over = true;
    super.cancel(reason);
  }

  override importFile(...args: Parameters<TestRunner["importFile"]>): ReturnType<TestRunner["importFile"]> {
    return this.#over ? undefined : super.importFile(...args);
  }
}
