import { test } from "@jest/globals";
import { kit } from "../suites.js";

kit(test);
