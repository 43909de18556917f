/**
 * A run as `evaluate` and `recommend` use it: from its folder alone, without the features it was trained on.
 *
 * @module
 */
import { type Device, openDevice } from "../../kernels/mod.ts";
import type { Dataset } from "../data/dataset.ts";
import { unreadable } from "../data/formats/files.ts";
import { readDataset } from "../data/formats/mod.ts";
import type { Score } from "../rank/block.ts";
import { loadTree } from "../train/checkpoint.ts";
import { type RunConfig, storedSettings } from "./config.ts";
import { type Io, note } from "./io.ts";
import { scoreOf } from "./ranker.ts";
import { readRecord, type RunRecord, within } from "./run_folder.ts";
import { modelNamed } from "./task.ts";

/** What a run has learned. */
export interface Trained {
  readonly record: RunRecord;
  readonly config: RunConfig;
  /** Ids, titles and interactions. */
  readonly data: Dataset;
  readonly device: Device;
  readonly score: Score;
}

/**
 * Opens a run.
 *
 * @throws {RangeError} if it has not come to an end yet.
 * @throws {SyntaxError} if a file of it cannot be read, or belongs to another run.
 */
export async function openRun(folder: string, io: Io): Promise<Trained> {
  const record = await readRecord(folder);
  const path = within(folder, "embeddings.safetensors");
  if (record.status === "running" || record.status === "failed") {
    throw new RangeError(
      `Cannot rank with "${folder}": the run ${record.status === "running" ? "is not finished" : "failed"}; ` +
        `end it with train --resume ${folder}`,
    );
  }
  if (record.status === "interrupted") note(io, `the run was interrupted after epoch ${record.epochs}`);
  const model = modelNamed(record.model, "rank with the model");
  const config = await storedSettings(model, within(folder, "config.toml"));
  const data = await readDataset(within(folder, "data"));
  const { device } = await openDevice();
  const { tree, metadata } = await loadTree(path, { device });
  if (metadata.fingerprint !== record.data.fingerprint || metadata.model !== model.name) {
    throw unreadable("embeddings", path, "they belong to another run; put back those of this one");
  }
  return { record, config, data, device, score: scoreOf(model, tree, config) };
}
