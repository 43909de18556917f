/**
 * The distance of a run's embeddings from its features, by Eq. (1) of the MONET paper.
 *
 * @module
 */
import { FormatError, ValueError } from "../../kernels/errors.ts";
import type { Device } from "../../kernels/mod.ts";
import type { Dim, Items } from "../core/axis.ts";
import { free } from "../core/scope.ts";
import { isTensor, type Matrix } from "../core/tensor.ts";
import type { Files } from "../data/files.ts";
import { modalityFeatures, placeFeatures } from "../data/tensors.ts";
import { avgDiff } from "../rank/similarity.ts";
import type { ModalityVectors } from "../runs/modality_vectors.ts";
import type { LoadedData } from "../runs/open.ts";
import { readRecord, within } from "../runs/record.ts";
import { loadTree } from "../train/checkpoint.ts";

/**
 * Returns avg.diff of each modality: the mean, over pairs of items, of the absolute difference between the cosine of
 * their features and the cosine of their embeddings. `null` for a model without embeddings of items.
 *
 * @throws {ValueError} if the data are not those of the run.
 */
export async function avgDiffOf(
  run: string,
  { data, fingerprint, source }: LoadedData,
  { device, files }: { readonly device: Device; readonly files: Files },
): Promise<Readonly<Record<string, number>> | null> {
  const record = await readRecord(run, files);
  if (fingerprint !== record.data.fingerprint) {
    throw new ValueError(`Cannot analyse "${run}": "${source}" changed since the training; train again`);
  }
  if (record.version === 1) {
    throw new FormatError(
      `Cannot analyse "${run}": an older release wrote it, without vectors of modalities; train again`,
    );
  }
  const embeddings = await itemEmbeddings(run, { device, files });
  if (!embeddings) return null;
  const features = modalityFeatures(await placeFeatures(data, { device }), { device });
  const found: Record<string, number> = {};
  for (const modality of Object.keys(features)) {
    const e = embeddings.of(modality);
    if (e) found[modality] = await avgDiff(features[modality], e);
  }
  free([features, embeddings.all]);
  return found;
}

/** The items' embeddings of a run. */
interface ItemEmbeddings {
  readonly all: unknown;
  /** Returns the embeddings of a modality; for a model with one embedding for all modalities, that one. */
  readonly of: (modality: string) => Matrix<Items, Dim> | undefined;
}

async function itemEmbeddings(
  run: string,
  place: { readonly device: Device; readonly files: Files },
): Promise<ItemEmbeddings | null> {
  const path = within(run, "modalities.safetensors");
  if (await place.files.stat(path)) {
    const { after } = (await loadTree(path, place)).tree as ModalityVectors;
    if (after) return { all: after, of: (modality) => after[modality] };
  }
  const { tree } = await loadTree(within(run, "embeddings.safetensors"), place);
  const items = !isTensor(tree) && "items" in tree ? tree.items : null;
  return isTensor(items) && items.shape.length === 2 ? { all: tree, of: () => items as Matrix<Items, Dim> } : null;
}
