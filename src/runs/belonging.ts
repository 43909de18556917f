/**
 * The metadata of the embeddings of a run, which say to which model, data and settings they belong.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { digestOf } from "./catalogue.ts";
import type { RunRecord } from "./record.ts";
import type { RunConfig } from "./settings.ts";

/** The metadata. */
export type Belonging = Readonly<
  Record<"model" | "fingerprint" | "data" | "config" | "settings" | "epochs", string>
>;

/**
 * Returns the metadata of embeddings that were made after some epochs.
 *
 * @param settings The names of the settings in the digest; all by default. A later version of a model may have more,
 * which change nothing for older runs.
 */
export async function belonging(
  { model, data: { fingerprint: whole } }: RunRecord,
  { data, config }: { readonly data: Dataset; readonly config: RunConfig },
  epochs: number,
  settings: string = Object.keys(config).sort().join(" "),
): Promise<Belonging> {
  return {
    model,
    fingerprint: whole,
    data: await fingerprint({ ...data, modalities: {} }),
    config: await configDigest(config, settings.split(" ")),
    settings,
    epochs: String(epochs),
  };
}

/** Returns the digest of these settings. The number of epochs is no part of it: a run may get more of them. */
export async function configDigest(
  config: RunConfig,
  names: readonly string[] = Object.keys(config).sort(),
): Promise<string> {
  const settings = names.filter((name) => name !== "epochs").map((name) => [name, config[name]]);
  return await digestOf(new TextEncoder().encode(JSON.stringify(settings)));
}
