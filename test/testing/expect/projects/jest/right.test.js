import { jest, test } from "@jest/globals";
import { right } from "../suites.js";

right(test, { useFakeTimers: () => jest.useFakeTimers(), useRealTimers: () => jest.useRealTimers() });
