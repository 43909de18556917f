/**
 * Features made from the words and the pictures of the items, for data without feature files.
 *
 * @module
 */
import { type Dataset, datasetOf, type Modality } from "./dataset.ts";
import { pictureHistograms } from "./encode_pictures.ts";
import { bagOfWords } from "./encode_text.ts";

/**
 * Returns a data set that has the modality `text`, the {@link bagOfWords} of its texts (of its titles where it has no
 * texts), and the modality `image`, the {@link pictureHistograms} of its pictures. An existing modality of either name
 * stays as it is. A data set without words has no `text`, and a data set without pictures no `image`.
 *
 * @example
 * ```ts
 * import { garden, withEncodings } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const bare = { ...garden(key(0)), modalities: {} };
 * deepEqual(Object.keys(withEncodings(bare).modalities), ["text", "image"]);
 * ```
 */
export function withEncodings(data: Dataset): Dataset {
  const { titles, texts = titles, pictures, modalities } = data;
  const made: Record<string, Modality> = {};
  if (texts && !modalities.text) made.text = bagOfWords(texts);
  if (pictures && !modalities.image) made.image = pictureHistograms(pictures);
  return datasetOf({ ...data, modalities: { ...modalities, ...made } });
}
