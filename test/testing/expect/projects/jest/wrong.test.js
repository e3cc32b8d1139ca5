import { test } from "@jest/globals";
import { wrong } from "../suites.js";

wrong(test);
