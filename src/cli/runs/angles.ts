/**
 * How far a run's embeddings are from keeping the angles between features: Eq. (1) of MONET, modality by modality.
 *
 * @module
 */
import { ValueError } from "../../../kernels/errors.ts";
import type { Choice } from "../../../kernels/mod.ts";
import type { Dim, Items } from "../../core/axis.ts";
import { free } from "../../core/scope.ts";
import { isTensor, type Matrix } from "../../core/tensor.ts";
import type { Tree } from "../../core/tree.ts";
import { modalityFeatures } from "../../data/tensors.ts";
import { refreshed } from "../../models/refresh.ts";
import { avgDiff } from "../../rank/similarity.ts";
import { loadLike } from "../../train/checkpoint.ts";
import { storedSettings } from "./config.ts";
import { type RunRecord, within } from "./folder.ts";
import type { Ground } from "./start.ts";
import { modelNamed, type Task, taskOf } from "./task.ts";

/**
 * Returns avg.diff of each modality that a run's model has embeddings of, from its best parameters; `null` if it has none of
 * items at all.
 *
 * @throws {ValueError} if the data are not those of the run.
 */
export async function anglesOf(
  run: string,
  record: RunRecord,
  { data, fingerprint, source }: Ground,
  choice: Choice,
): Promise<Readonly<Record<string, number>> | null> {
  if (fingerprint !== record.data.fingerprint) {
    throw new ValueError(`Cannot analyse "${run}": "${source}" has changed since; train anew`);
  }
  const model = modelNamed(record.model, "analyse the model");
  const task = await taskOf(model, await storedSettings(model, within(run, "config.toml")), data, choice);
  const { params: initial } = task.start;
  const params = task.batches ? (await loadLike(within(run, "best.safetensors"), initial)).tree : initial;
  const embeddings = await itemEmbeddings(task, params);
  if (!embeddings) {
    free([params, task.start, task.context]);
    return null;
  }
  const features = modalityFeatures(data, choice);
  const found: Record<string, number> = {};
  for (const modality of Object.keys(features)) {
    const e = embeddings(modality);
    if (e) found[modality] = await avgDiff(features[modality], e);
  }
  free([features, params, task.start, task.context]);
  return found;
}

/** Returns the items' embeddings of each modality; of a model with one embedding for all, that one. */
async function itemEmbeddings(
  { model, context }: Task,
  params: Tree,
): Promise<((modality: string) => Matrix<Items, Dim> | undefined) | null> {
  const whole = { ...context as object, ...await refreshed(model, params, context) };
  if (model.byModality) {
    const own = model.byModality(params, whole);
    return (modality) => own[modality];
  }
  const encoded = model.encode(params, whole);
  const items = !isTensor(encoded) && "items" in encoded ? encoded.items : null;
  return isTensor(items) && items.shape.length === 2 ? () => items as Matrix<Items, Dim> : null;
}
