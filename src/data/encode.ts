/**
 * Features for people without feature files: made from the words and the pictures of the items.
 *
 * @module
 */
import type { Dataset, Modality } from "./dataset.ts";
import { pictureHistograms } from "./encode_pictures.ts";
import { bagOfWords } from "./encode_text.ts";

/**
 * Returns a data set that has the modality `text`, the {@link bagOfWords} of its texts (of its titles where it has no
 * texts), and the modality `image`, the {@link pictureHistograms} of its pictures. A modality of that name that is
 * there already stays as it is, and one with nothing to make it from stays away.
 *
 * @example
 * ```ts
 * import { garden, key, withEncodings } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const bare = { ...garden(key(0)), modalities: {} };
 * assertEquals(Object.keys(withEncodings(bare).modalities), ["text", "image"]);
 * ```
 */
export function withEncodings(data: Dataset): Dataset {
  const { titles, texts = titles, pictures, modalities } = data;
  const made: Record<string, Modality> = {};
  if (texts && !modalities.text) made.text = bagOfWords(texts);
  if (pictures && !modalities.image) made.image = pictureHistograms(pictures);
  return { ...data, modalities: { ...modalities, ...made } };
}
