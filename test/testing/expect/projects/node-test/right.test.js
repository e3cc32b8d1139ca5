import { mock, test } from "node:test";
import { right } from "../suites.js";

right(test, { useFakeTimers: () => mock.timers.enable(), useRealTimers: () => mock.timers.reset() });
