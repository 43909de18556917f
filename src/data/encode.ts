/**
 * Features made from the words and the pictures of the items, for data without feature files.
 *
 * @module
 */
import { type Dataset, datasetOf, type Modality } from "./dataset.ts";
import { pictureHistograms } from "./encode_pictures.ts";
import { bagOfWords } from "./encode_text.ts";

/** The options of {@link withEncodings}. */
export interface EncodingOptions {
  /** Whether words and pictures are encoded next to features called `text` and `image` too; `false` by default. */
  readonly all?: boolean | undefined;
}

/**
 * Returns a data set that has the modality `text`, the {@link bagOfWords} of its texts (of its titles where it has no
 * texts), and the modality `image`, the {@link pictureHistograms} of its pictures. An existing modality of either name
 * stays as it is, and with `all` the words or pictures become a second modality, `words` or `pixels`. A data set
 * without words has no `text`, and a data set without pictures no `image`.
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
export function withEncodings(data: Dataset, { all = false }: EncodingOptions = {}): Dataset {
  const { titles, texts = titles, pictures, modalities } = data;
  const made: Record<string, Modality> = {};
  const add = (name: string, second: string, encode: () => Modality) => {
    if (!modalities[name]) made[name] = encode();
    else if (all && !modalities[second]) {
      const modality = encode();
      if (!same(modalities[name], modality)) made[second] = modality;
    }
  };
  if (texts) add("text", "words", () => bagOfWords(texts));
  if (pictures) add("image", "pixels", () => pictureHistograms(pictures));
  return datasetOf({ ...data, modalities: { ...modalities, ...made } });
}

/** Returns whether two modalities have the same numbers, as those have that were made of the same words before. */
function same(a: Modality, b: Modality): boolean {
  if (a.kind === "source" || b.kind === "source" || a.kind !== b.kind || a.values.length !== b.values.length) {
    return false;
  }
  return a.values.every((value, k) => value === b.values[k]);
}
