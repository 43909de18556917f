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
export type Belonging = Readonly<Record<"model" | "fingerprint" | "data" | "config" | "epochs", string>>;

/** Returns the metadata of embeddings that were made after some epochs. */
export async function belonging(
  { model, data: { fingerprint: whole } }: RunRecord,
  { data, config }: { readonly data: Dataset; readonly config: RunConfig },
  epochs: number,
): Promise<Belonging> {
  return {
    model,
    fingerprint: whole,
    data: await fingerprint({ ...data, modalities: {} }),
    config: await configDigest(config),
    epochs: String(epochs),
  };
}

/** Returns the digest of settings in any order. The number of epochs is no part of it: a run may get more of them. */
export async function configDigest({ epochs: _, ...config }: RunConfig): Promise<string> {
  const settings = Object.entries(config).sort(([a], [b]) => a < b ? -1 : 1);
  return await digestOf(new TextEncoder().encode(JSON.stringify(settings)));
}
