/**
 * A run as `evaluate` and `recommend` use it: from its folder alone, without the features it was trained on.
 *
 * @module
 */
import { ValueError } from "../../../kernels/errors.ts";
import type { Device, DeviceName } from "../../../kernels/mod.ts";
import type { Dataset } from "../../data/dataset.ts";
import { unreadable } from "../../data/formats/files.ts";
import { readDataset } from "../../data/formats/mod.ts";
import type { Score } from "../../rank/block.ts";
import { loadTree } from "../../train/checkpoint.ts";
import { type RunConfig, storedSettings } from "./config.ts";
import { deviceFor, type DeviceOptions } from "./device.ts";
import { type Io, note } from "../shell/io.ts";
import { scoreOf } from "./ranker.ts";
import { exists, readRecord, type RunRecord, within } from "./folder.ts";
import { modelNamed } from "./task.ts";
import { PROGRAM, typed } from "../shell/typed.ts";

/** What a run has learned. */
export interface Trained {
  readonly record: RunRecord;
  readonly config: RunConfig;
  /** Ids, titles and interactions. */
  readonly data: Dataset;
  readonly device: Device;
  readonly score: Score;
}

/** How to rank. */
export interface RankingOptions extends DeviceOptions {
  /** What computes; the processor by default, as ranking once is over before a GPU has started. */
  readonly device: DeviceName | undefined;
}

/**
 * Opens a run on a device.
 *
 * @throws {ValueError} if it has nothing to rank with yet.
 * @throws {FormatError} if a file of it cannot be read, or belongs to another run.
 */
export async function openRun(folder: string, options: RankingOptions, io: Io): Promise<Trained> {
  const record = await readRecord(folder);
  const path = within(folder, "embeddings.safetensors");
  const finished = record.status === "finished";
  if (!finished && !await exists(path)) {
    throw new ValueError(
      `Cannot rank with "${folder}": the run is not finished, and has no embeddings yet; go on with ` +
        `${PROGRAM} ${typed("train", "--resume", folder)}`,
    );
  }
  const model = modelNamed(record.model, "rank with the model");
  const config = await storedSettings(model, within(folder, "config.toml"));
  const data = await readDataset(within(folder, "data"));
  // What nobody trained is looked up, which a GPU does not do sooner.
  const asked = model.training.epochs === 0 ? "auto" : options.device ?? "auto";
  const { device } = await deviceFor(asked, options, io);
  const { tree, metadata } = await loadTree(path, { device });
  if (metadata.fingerprint !== record.data.fingerprint || metadata.model !== model.name) {
    throw unreadable("embeddings", path, "they belong to another run; put back those of this one");
  }
  if (!finished) {
    note(io, `the run is not finished: these are its best parameters so far, after epoch ${metadata.epochs}`);
  }
  return { record, config, data, device, score: scoreOf(model, tree, config) };
}
