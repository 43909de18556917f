/**
 * From the name of a data set to data that models can be trained on.
 *
 * @module
 */
import { key } from "../core/random.ts";
import { type Dataset, datasetOf } from "./dataset.ts";
import { withEncodings } from "./encode.ts";
import { readDataset } from "./formats/mod.ts";
import type { ReadOptions } from "./formats/options.ts";
import { garden } from "./garden.ts";

/**
 * Returns the data set of a file or folder as {@link readDataset} does, or the {@link garden} of key 0 for the word
 * `garden`. If it has no features, it gets those that {@link withEncodings} makes, and a note that says so.
 *
 * @throws {FormatError} as {@link readDataset} does.
 * @throws {ValueError} as {@link readDataset} does.
 *
 * @example
 * ```ts
 * import { memoryFiles, openDataset } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * await files.write("log.csv", new TextEncoder().encode("user,item\nann,lily\nbob,lily\n"));
 * const { notes } = await openDataset("log.csv", { files });
 * deepEqual(notes, ["no features given; there are no words or pictures to make them of"]);
 * ```
 */
export async function openDataset(source: string, options: ReadOptions = {}): Promise<Dataset> {
  const data = source === "garden" ? garden(key(0)) : await readDataset(source, options);
  if (Object.keys(data.modalities).length > 0) return data;
  const encoded = withEncodings(data);
  const made = Object.keys(encoded.modalities);
  const found = made.length > 0
    ? `made ${made.join(" and ")} of the words and pictures of the items`
    : "there are no words or pictures to make them of";
  return datasetOf({ ...encoded, notes: [...new Set([...data.notes ?? [], `no features given; ${found}`])] });
}
