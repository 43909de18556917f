/**
 * Data sets: reading, splitting, describing and encoding them, and the graphs and batches that models train on.
 *
 * @module
 */
export * from "./batch.ts";
export * from "./cooccurrence.ts";
export * from "./dataset.ts";
export * from "./encode.ts";
export * from "./encode_pictures.ts";
export * from "./encode_text.ts";
export {
  type Coverage,
  describeCoverage,
  type FeatureTable,
  type Matched,
  matchFeatures,
  type MatchOptions,
  matchTags,
  type MissingPolicy,
  type TagTable,
} from "./features.ts";
export { kCore } from "./filter.ts";
export * from "./fingerprint.ts";
export {
  type FileInfo,
  type FileKind,
  type Files,
  type FolderEntry,
  localFiles,
  type MakeFolderOptions,
} from "./files.ts";
export { memoryFiles } from "./memory_files.ts";
export * from "./formats/mod.ts";
export { decodeNpy, encodeNpy, type NpyArray } from "./formats/npy.ts";
export * from "./garden.ts";
export * from "./graph.ts";
export * from "./neighbours.ts";
export * from "./split.ts";
export * from "./statistics.ts";
export * from "./tensors.ts";
