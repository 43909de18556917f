/**
 * Golden files as values: the format of `tests/golden/README.md`, and that of MONET's numbers in folders from
 * elsewhere.
 *
 * @module
 */
import { type Config, configure } from "../../src/core/settings.ts";
import { patternFromCoo } from "../../src/core/pattern.ts";
import { type Placement, type Tensor, tensor } from "../../src/core/tensor.ts";
import type { Tree } from "../../src/core/tree.ts";
import type { Dataset, Modality } from "../../src/data/dataset.ts";
import { monet } from "../../src/models/mod.ts";
import { dataset } from "../models/worlds.ts";

/** A tree with nested arrays at the leaves: an array of objects is an array of trees, and so is an empty one. */
export type Numbers = number | readonly number[] | readonly (readonly number[])[] | Branches | readonly Branches[];
interface Branches {
  readonly [name: string]: Numbers;
}

/** A world, and the results of a model in it. */
export interface Golden {
  readonly model: string;
  readonly users: number;
  readonly items: number;
  readonly history: readonly (readonly number[])[];
  /** Per modality, [items, columns], with their zeros. */
  readonly features: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** The modalities that are stored as sparse. */
  readonly sparse: readonly string[];
  readonly batches: readonly {
    readonly users: readonly number[];
    readonly positives: readonly number[];
    readonly negatives: readonly number[];
    readonly step: number;
  }[];
  readonly cases: readonly GoldenCase[];
}

/**
 * Settings and parameters, and the results that follow from them. The last three are left out of models without
 * parameters.
 */
export interface GoldenCase {
  readonly settings: Config;
  readonly params: Numbers;
  readonly encoded: Numbers;
  readonly scores: readonly (readonly number[])[];
  readonly lr?: number;
  readonly loss?: number;
  readonly gradient?: Numbers;
  readonly losses?: readonly number[];
}

/** Reads a golden file. */
export async function readGolden(path: string): Promise<Golden> {
  const file = JSON.parse(await Deno.readTextFile(path));
  return "model" in file ? file : fromMonet(file);
}

/** Returns the tree of tensors that is written as nested arrays. */
export function treeOf(numbers: Numbers, place: Placement): Tree {
  if (typeof numbers === "number") return tensor(numbers, place);
  if (!Array.isArray(numbers)) {
    return Object.fromEntries(Object.entries(numbers).map(([name, part]) => [name, treeOf(part, place)]));
  }
  const isTree = typeof numbers[0] !== "number" && !Array.isArray(numbers[0]);
  return isTree ? numbers.map((part) => treeOf(part, place)) : tensor(numbers, place) as Tensor;
}

/** Returns the data set of a golden file. */
export function datasetOf({ history, features, items, sparse }: Golden): Dataset {
  const modalities = Object.entries(features).map(([name, rows]): [string, Modality] => {
    const known = new Uint8Array(items).fill(1);
    const values = Float32Array.from(rows.flat());
    const columns = rows[0].length;
    if (!sparse.includes(name)) return [name, { kind: "dense", columns, values, known }];
    const cells = Array.from(values.keys()).filter((cell) => values[cell] !== 0);
    const pattern = patternFromCoo(
      [items, columns],
      cells.map((c) => Math.floor(c / columns)),
      cells.map((c) => c % columns),
    );
    return [name, { kind: "sparse", pattern, values: Float32Array.from(cells, (cell) => values[cell]), known }];
  });
  return dataset({ train: history, modalities: Object.fromEntries(modalities), items });
}

interface MonetPart {
  readonly users: number[][];
  readonly weight: number[][];
  readonly bias: number[];
}

/** MONET's numbers as they were first written: one set of parameters for all cases, and other names. */
interface MonetGolden extends Omit<Golden, "model" | "sparse" | "batches" | "cases"> {
  readonly params: Readonly<Record<string, MonetPart>>;
  readonly batches: readonly Omit<Golden["batches"][number], "step">[];
  readonly cases: readonly {
    readonly options: Config & { readonly lr: number };
    readonly users: number[][];
    readonly items: number[][];
    readonly scores: number[][];
    readonly loss: number;
    readonly gradient: Readonly<Record<string, MonetPart>>;
    readonly adamLosses: number[];
  }[];
}

function fromMonet({ params, batches, cases, ...world }: MonetGolden): Golden {
  const renamed = (parts: Readonly<Record<string, MonetPart>>) => ({
    modalities: Object.fromEntries(
      Object.entries(parts).map(([modality, { users, weight, bias }]) => [modality, { P: users, W: weight, b: bias }]),
    ),
  });
  return {
    ...world,
    model: "monet",
    sparse: [],
    batches: batches.map((batch, step) => ({ ...batch, step })),
    cases: cases.map(({ options: { lr, ...settings }, users, items, gradient, adamLosses, ...found }) => ({
      ...found,
      settings: configure(monet.settings, { ...settings, dim: users[0].length / Object.keys(params).length }),
      params: renamed(params),
      encoded: { users, items },
      gradient: renamed(gradient),
      lr,
      losses: adamLosses,
    })),
  };
}
