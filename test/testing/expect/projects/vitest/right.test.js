import { test, vi } from "vitest";
import { right } from "../suites.js";

right(test, { useFakeTimers: () => vi.useFakeTimers(), useRealTimers: () => vi.useRealTimers() });
