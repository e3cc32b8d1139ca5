import { test } from "node:test";
import { wrong } from "../suites.js";

wrong(test);
