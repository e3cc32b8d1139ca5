// The transcripts of docs/http.md, played.
import { scenes } from "./scenes.ts";
import { onStage, type Shown } from "./stage.ts";

/** What is only played to end a scene. */
const unshown = "unshown";

/** The transcripts, by the names of the page's parts. */
export async function playTranscripts(): Promise<ReadonlyMap<string, string>> {
  const shown: Shown = new Map();
  for (const scene of scenes) await onStage(shown, scene);
  shown.delete(unshown);
  return new Map([...shown].map(([part, texts]) => [part, `${texts.join("\n").trimEnd()}\n`]));
}
