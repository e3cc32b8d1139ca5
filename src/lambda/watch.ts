import { enterInside, type Running } from "../core/execution.ts";
import { contextLeftMs } from "./context.ts";
import { intercept } from "./intercept.ts";

/** The part of Middy's request that is watched. */
export interface Watchable {
  context: unknown;
  response: unknown;
  error: unknown;
}

/** What can be seen of a run whose handler nobody can wrap. */
export interface Watched {
  /** The handler's answer, where it has answered. */
  answer(): { readonly value: unknown } | undefined;
  /** The first error, whatever an error handler has made of it. */
  error(): unknown;
  /** What was left of the invocation when the handler was called, milliseconds, where its context says. */
  leftAtCallMs(): number | undefined;
}

/**
 * Watches a request from `before` on. Middy reads `context` in the breath in which it calls the handler, and sets
 * `response` or `error` when that has ended: `inside` is entered in between, and then `outer`, what encloses the request,
 * is again. A later `before` that reads `context` cannot be told from the call: it is inside, too, from there on, and a
 * `response` that it sets without answering passes for the handler's.
 */
export function watch(request: Watchable, inside: Running | undefined, outer: Running | undefined): Watched {
  let called = false;
  let over = false;
  let leftAtCallMs: number | undefined;
  let responses: unknown[] = []; // the first two: the handler's answer, and whether one came after it
  let error: { readonly value: unknown } | undefined;

  function end(): void {
    if (called && !over) enterInside(outer);
    over = true;
  }

  intercept(request, "context", {
    read(context) {
      if (over) return;
      called = true;
      leftAtCallMs ??= contextLeftMs(context);
      enterInside(inside);
    },
  });
  intercept(request, "response", {
    write(response) {
      if (!called || error !== undefined) return;
      if (responses.length < 2) responses.push(response);
      end();
    },
  });
  intercept(request, "error", {
    write(value) {
      // Middy's catch sets `response` to undefined, then `error`: where that is the first response, nothing was answered.
      if (error === undefined && responses.length === 1 && responses[0] === undefined) responses = [];
      error ??= { value };
      end();
    },
  });

  return {
    answer: () => (responses.length === 0 ? undefined : { value: responses[0] }),
    error: () => error?.value,
    leftAtCallMs: () => leftAtCallMs,
  };
}
