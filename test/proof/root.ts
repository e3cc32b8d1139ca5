import { join } from "node:path";

/** The repository's folder. */
export const root: string = join(import.meta.dirname, "../..");
