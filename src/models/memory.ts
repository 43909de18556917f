/**
 * Estimates of the memory of a training, from the sizes of its matrices.
 *
 * @module
 */
import type { Statistics } from "../data/statistics.ts";

const BYTES = Float32Array.BYTES_PER_ELEMENT;
/**
 * Copies of the parameters during a step: the initial training, the training before the step and the one after it, each
 * with Adam's two means, and the gradient.
 */
const COPIES = 10;
/** Copies of the parameters during an evaluation: the initial training, the present one, and the best parameters. */
const COPIES_AT_REST = 7;
/** The default budget of a block of scores, in bytes. */
const BUDGET = 2 ** 26;
/** Matrices with a row per user and item, and a column per number of an embedding, that GUME has in a step. */
const MATRICES = 160;
/** The bytes of the largest memory of a device. */
const LARGEST = 2 ** 34;
/** Matrices with a row per triple of a batch and a column per number of an embedding. */
const BATCH_MATRICES = 8;

/** The sizes of a training. */
export interface TrainingSize {
  /** The number of parameters. */
  readonly parameters: number;
  /** Numbers in the matrices that a step keeps for its gradient, without those of a batch. */
  readonly intermediate: number;
  /** Triples in a batch. */
  readonly batch: number;
  /** Numbers in an embedding. */
  readonly dim: number;
  /** Whether scores use every item of a history, as attention does, or only inner products, the default. */
  readonly attention?: boolean | undefined;
}

/** Returns an estimate of the most bytes that the tensors of a training take at one time. */
export function trainingBytes(statistics: Statistics, size: TrainingSize): number {
  const { parameters, intermediate, batch, dim } = size;
  const step = COPIES * parameters + intermediate + BATCH_MATRICES * batch * dim;
  const evaluation = COPIES_AT_REST * parameters + scores(statistics, size);
  return Math.ceil(BYTES * (numbersOfFeatures(statistics) + Math.max(step, evaluation)));
}

/**
 * Returns a generous guess of the bytes of a training, for a model without an estimate: twice the features, if it uses
 * them, and as much for each user and item as the catalogue's largest model takes. A guess that is too large only
 * chooses wider addresses, which cost no time, so it never exceeds the largest memory.
 */
export function guessedBytes(statistics: Statistics, dim: number, content: boolean): number {
  const features = content ? 2 * numbersOfFeatures(statistics) : 0;
  const nodes = MATRICES * (statistics.users + statistics.items) * dim;
  return Math.min(LARGEST, BYTES * (features + nodes));
}

/**
 * Returns how many numbers the features have on a device. A stored entry of a sparse matrix counts four times, with its
 * place.
 */
function numbersOfFeatures({ items, modalities }: Statistics): number {
  return Object.values(modalities).reduce((sum, { kind, columns, density }) => {
    const all = items * columns;
    return sum + (kind === "sparse" ? 4 * all * (density ?? 1) : all);
  }, 0);
}

/** Returns how many numbers a block of scores takes. */
function scores({ users, items, interactions }: Statistics, { attention = false }: TrainingSize): number {
  const rows = 5 * users + interactions.train;
  const block = Math.min(BUDGET / BYTES, rows * items);
  return attention ? block : block * 2 * users / rows;
}

/** Returns the columns of all modalities together. */
export function columnsOf({ modalities }: Statistics): number {
  return Object.values(modalities).reduce((sum, { columns }) => sum + columns, 0);
}
