/**
 * From what `--data` names to a data set.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import type { ReadOptions } from "../../data/formats/options.ts";
import { openDataset } from "../../data/open.ts";
import { type Io, note } from "./io.ts";

/** Returns the data set that `openDataset` opens, and prints its notes. */
export async function loadData(source: string, io: Io, options: ReadOptions = {}): Promise<Dataset> {
  const data = await openDataset(source, options);
  data.notes?.forEach((text) => note(io, text));
  return data;
}
