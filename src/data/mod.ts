/**
 * Data sets: reading, writing, splitting, describing and encoding them, and the graphs and batches that models train
 * on.
 *
 * @module
 */
export {
  drawNegatives,
  interactionSampler,
  type Pairs,
  pairs,
  type Sampler,
  type SamplerOptions,
  SAMPLERS,
  singleNegatives,
  type Triples,
  userSampler,
} from "./batch.ts";
export { type Cooccurrence, cooccurrence } from "./cooccurrence.ts";
export {
  type Dataset,
  type DenseModality,
  hasContent,
  histories,
  type Interactions,
  type Modality,
  type Pictures,
  type SourceModality,
  type SparseModality,
  type Split,
  SPLITS,
} from "./dataset.ts";
export { type EncodingOptions, withEncodings } from "./encode.ts";
export { pictureHistograms, type PictureHistogramsOptions } from "./encode_pictures.ts";
export { bagOfWords, type BagOfWordsOptions } from "./encode_text.ts";
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
export {
  type FileInfo,
  type FileKind,
  type Files,
  type FolderEntry,
  localFiles,
  type MakeFolderOptions,
} from "./files.ts";
export { kCore } from "./filter.ts";
export { fingerprint } from "./fingerprint.ts";
export {
  type ColumnNames,
  type GivernyOptions,
  readDataset,
  readGiverny,
  type ReadOptions,
  writeDataset,
  type WriteOptions,
} from "./formats/mod.ts";
export { decodeNpy, encodeNpy, type NpyArray } from "./formats/npy.ts";
export { garden, type GardenOptions } from "./garden.ts";
export {
  type AdjacencyOptions,
  bipartite,
  enhancedAdjacency,
  patternUnion,
  sharedNeighbours,
  sumSparse,
  symmetricAdjacency,
  symmetricNormalized,
  userBlock,
  walkAdjacency,
} from "./graph.ts";
export { memoryFiles } from "./memory_files.ts";
export { nearestNeighbours, type NearestOptions, similarityGraphs } from "./neighbours.ts";
export { openDataset, type OpenDatasetOptions, type Reading } from "./open.ts";
export { type PictureSheet, pictureSheet, type PictureSheetOptions } from "./picture_sheet.ts";
export { type FeatureSource, loadFeatures, matchSource } from "./sources.ts";
export {
  byTime,
  coldItems,
  inFileOrder,
  leaveLastOut,
  mmrec,
  official,
  ratio,
  resplit,
  type SplitShares,
  type Splitter,
  type TimeCuts,
} from "./split.ts";
export { type ModalityStatistics, type Spread, type Statistics, statistics } from "./statistics.ts";
export { type FeatureMatrix, modalityFeatures, placeFeatures } from "./tensors.ts";
export {
  holdOutValidation,
  type ValidationOptions,
  type ValidationRule,
  validationRule,
  withValidation,
} from "./validation.ts";
