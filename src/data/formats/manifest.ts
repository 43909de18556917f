/**
 * The contents of the JSON files of the project's own format, and the names of its files.
 *
 * @module
 */
import type { FolderForm } from "./files.ts";

/** The content of `dataset.json`. */
export interface Manifest {
  readonly format: "giverny";
  readonly version: 1;
  readonly name: string;
  readonly notes?: readonly string[] | undefined;
  readonly modalities: Readonly<Record<string, DenseManifest | SparseManifest>>;
  readonly pictures: boolean;
}

/** A dense modality, and the positions of the items whose rows the missing-row policy filled in. */
export interface DenseManifest {
  readonly kind: "dense";
  readonly filled: readonly number[];
}

/** A sparse modality and its number of columns. */
export interface SparseManifest {
  readonly kind: "sparse";
  readonly columns: number;
}

const NAME = "[\\p{L}\\p{N}_. -]+";

/** The names of modalities that can be part of the name of a file. */
export const MODALITY_NAME: RegExp = new RegExp(`^${NAME}$`, "u");

/** The files of a folder of this format. */
export const FOLDER: FolderForm = {
  marker: "dataset.json",
  names: new RegExp(
    `^(?:dataset\\.json|users\\.tsv|items\\.jsonl|interactions\\.tsv|pictures\\.npy|${NAME}_feat\\.(?:npy|tsv))$`,
    "u",
  ),
};

/** A line of `items.jsonl`. */
export interface Item {
  readonly item: string;
  readonly title?: string | undefined;
  readonly text?: string | undefined;
}
