import { test } from "node:test";
import { kit } from "../suites.js";

kit(test);
