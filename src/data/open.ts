/**
 * From the name of a data set to data that models can be trained on.
 *
 * @module
 */
import { type Key, key } from "../core/random.ts";
import { type Dataset, datasetOf } from "./dataset.ts";
import { withEncodings } from "./encode.ts";
import { kCore } from "./filter.ts";
import { readDataset } from "./formats/mod.ts";
import type { ReadOptions } from "./formats/options.ts";
import { garden } from "./garden.ts";
import { inFileOrder, resplit } from "./split.ts";
import { type ValidationRule, withValidation } from "./validation.ts";

/** The options of {@link openDataset}. */
export interface OpenDatasetOptions extends ReadOptions {
  /** The least number of interactions of a user and of an item, as {@link kCore} has it; 0, the default, keeps all. */
  readonly kCore?: number | undefined;
  /** The rule by which {@link withValidation} takes validation out of training; by default validation stays. */
  readonly validation?: ValidationRule | undefined;
  /** `"file"` if the order of the file is the order of time, for the split and for validation; `"time"` by default. */
  readonly order?: "time" | "file" | undefined;
  /**
   * `"all"` if words and pictures become modalities next to the features of the source; by default, `"missing"`, only
   * where it has no features.
   */
  readonly encode?: "missing" | "all" | undefined;
  /** The source of the random draws of validation; `key(0)` by default. */
  readonly key?: Key | undefined;
}

/** The options that a run records, to make the same data of the source again. */
export type Reading = Pick<OpenDatasetOptions, "validation" | "order" | "encode">;

/**
 * Returns the data set of a file or folder as {@link readDataset} does, or the {@link garden} of key 0 for the word
 * `garden`; filtered first, then split, then with validation taken out of training, as the options say. If it has no
 * features, or the option `encode` is `"all"`, it gets those that {@link withEncodings} makes, and a note that says so.
 *
 * @throws {FormatError} as {@link readDataset} does.
 * @throws {ValueError} as {@link readDataset}, {@link kCore} and {@link withValidation} do.
 *
 * @example
 * ```ts
 * import { memoryFiles, openDataset } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * await files.write("log.csv", new TextEncoder().encode("user,item,split\nann,lily,0\nann,rose,1\n"));
 * const { notes } = await openDataset("log.csv", { files });
 * deepEqual(notes, ["no features given; there are no words or pictures to make them of"]);
 * ```
 */
export async function openDataset(source: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const { kCore: k = 0, order, validation } = options;
  const split = options.split && order === "file" ? inFileOrder(options.split) : options.split;
  const read = source === "garden" ? garden(key(0)) : await readDataset(source, { ...options, split });
  const filtered = k > 0 ? kCore(read, k) : read;
  const splitAgain = split && (k > 0 || source === "garden") ? resplit(filtered, split) : filtered;
  const data = withValidation(splitAgain, validation, { key: options.key, order });
  const given = Object.keys(data.modalities);
  const all = options.encode === "all";
  if (given.length > 0 && !all) return withNote(data, describeUnused(data));
  const encoded = withEncodings(data, { all });
  const made = Object.keys(encoded.modalities).filter((name) => !given.includes(name));
  if (given.length > 0) {
    const note = made.length > 0 ? `made ${made.join(" and ")} of the words and pictures, next to the features` : null;
    return withNote(encoded, note);
  }
  const found = made.length > 0
    ? `made ${made.join(" and ")} of the words and pictures of the items`
    : "there are no words or pictures to make them of";
  return withNote(encoded, `no features given; ${found}`);
}

function withNote(data: Dataset, note: string | null): Dataset {
  return note === null ? data : datasetOf({ ...data, notes: [...new Set([...data.notes ?? [], note])] });
}

/** Returns a sentence about words and pictures that are in no modality, or `null` if there are none. */
function describeUnused({ titles, texts = titles, pictures, modalities }: Dataset): string | null {
  const unused = [texts && !modalities.text && "words", pictures && !modalities.image && "pictures"]
    .filter((part) => typeof part === "string");
  if (unused.length === 0) return null;
  return `Not learned from: the ${
    unused.join(" and ")
  } of the items; --encode all makes features of them (option encode)`;
}
