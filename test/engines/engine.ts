import { join } from "node:path";

/** A local server that stands in for AWS. */
export interface Engine {
  readonly name: string;
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** What can run an engine; or why nothing can, as a sentence. */
export type Found<T> = T | { readonly missing: string };

export const root: string = join(import.meta.dirname, "../..");

/** Where `npm run engines` puts what npm cannot install; ignored by git. */
export const enginesFolder: string = join(root, ".engines");
