// What a consumer with `redrive: true` deploys has to be there before any app is synthesized.
export async function setup(): Promise<void> {
  await import("../../.ci/bundle.ts");
}
