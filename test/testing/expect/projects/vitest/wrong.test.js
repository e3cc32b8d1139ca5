import { test } from "vitest";
import { wrong } from "../suites.js";

wrong(test);
