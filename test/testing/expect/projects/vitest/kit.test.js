import { test } from "vitest";
import { kit } from "../suites.js";

kit(test);
