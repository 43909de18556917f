/**
 * The works that are measured: products, sparse products, training steps and evaluations at the sizes of the papers'
 * data sets, and memory-bound operations.
 *
 * @module
 */
import type { Device } from "../kernels/mod.ts";
import {
  free,
  fromArray,
  key,
  mapTree,
  type Matrix,
  patternFromCsr,
  read,
  rowSelector,
  type Scalar,
  scope,
  type Tree,
} from "../src/core/mod.ts";
import { type Dataset, histories, symmetricAdjacency } from "../src/data/mod.ts";
import { monet, type MonetContext, type MonetParams } from "../src/models/mod.ts";
import {
  add,
  gather,
  matmulNT,
  matmulTN,
  mul,
  normalizeRows,
  scatterAdd,
  segmentSoftmax,
  spmm,
} from "../src/ops/mod.ts";
import { evaluateScore } from "../src/rank/mod.ts";
import { stepsOf } from "../src/runs/loop.ts";
import { resolveSettings } from "../src/runs/settings.ts";
import { setUpTraining } from "../src/runs/setup.ts";
import { adam, endsEpoch, type Training } from "../src/train/mod.ts";
import { dataOf, integers, numbers, type Shape, SIZES } from "./data.ts";
import type { Work } from "./measure.ts";

/** The batch size of the papers. */
export const BATCH = 1024;

function matrix(salt: number, rows: number, columns: number, device: Device): Matrix {
  return fromArray(numbers(salt, rows * columns), [rows, columns], { device });
}

/** Rows, inputs and outputs of the layer that projects Men Clothing's pictures. */
export const LAYER: readonly [rows: number, inputs: number, outputs: number] = [5028, 4096, 64];

/** Returns the products of a linear layer X Wᵀ of these rows, inputs and outputs, and of its gradient. */
export function products(
  device: Device,
  [rows, inputs, outputs]: readonly number[] = LAYER,
): Work[] {
  const [x, w, g] = [
    matrix(1, rows, inputs, device),
    matrix(2, outputs, inputs, device),
    matrix(3, rows, outputs, device),
  ];
  const flops = 2 * rows * inputs * outputs;
  const bytes = 4 * (rows * inputs + rows * outputs + inputs * outputs);
  const facts = { size: `${rows}x${inputs}x${outputs}` };
  return Object.entries({
    "matmul forward": () => matmulNT(x, w),
    "matmul gradient": () => matmulTN(g, x),
    "matmul transposed": () => matmulTN(x, g),
  }).map(([name, product]) => ({ name, ...producing(product), flops, bytes, facts }));
}

/** Returns the product of a shape's graph with a dense matrix. */
export async function sparseProduct(device: Device, shape: Shape, columns = 128): Promise<Work> {
  const data = await dataOf(shape);
  const graph = symmetricAdjacency(histories(data, "train"), { device });
  const { rows, indices: { length: entries } } = graph.pattern;
  const x = matrix(1, rows, columns, device);
  return {
    name: `spmm ${shape}`,
    ...producing(() => spmm(graph, x)),
    flops: 2 * entries * columns,
    bytes: 4 * (2 * rows * columns + 2 * entries + rows),
    facts: { data: data.name, columns },
  };
}

function producing(product: () => Matrix): Pick<Work, "run" | "result"> {
  return {
    run: () => free(product()),
    result: () => read(product()),
  };
}

/** Returns the additions and multiplications in the products of a MONET step, which are nearly all of the step's. */
function stepFlops({ adjacency, features, config: { dim, layers } }: MonetContext): number {
  const dense = Object.values(features).reduce((sum, x) => sum + ("pattern" in x ? 0 : x.shape[0] * x.shape[1]), 0);
  const sparse = adjacency.pattern.indices.length * layers * Object.keys(features).length;
  return 4 * dim * (dense + sparse);
}

/** A training of MONET that a benchmark takes step by step. */
export interface Trainer {
  /** Takes a step; `true` when it was the last of its epoch. */
  readonly step: () => Promise<boolean>;
  /** Additions and multiplications in a step. */
  readonly flops: number;
  /** Steps in an epoch. */
  readonly steps: number;
  readonly context: MonetContext;
  readonly params: MonetParams;
}

/**
 * Returns a training of MONET on data: the steps of `train` without its evaluations, events and files. `train` itself
 * returns only at the end of a training, so it cannot be timed step by step.
 */
export async function trainer(device: Device, data: Dataset): Promise<Trainer> {
  const config = resolveSettings(monet, { seed: 1, settings: { batch: BATCH } });
  const setup = await setUpTraining(monet, config, data, { device, reason: "handed in" });
  const batches = setup.batches!;
  const stream = stepsOf({ ...setup, batches }, { epochs: Infinity });
  const context = setup.context as MonetContext;
  return {
    step: async () => endsEpoch((await stream.next()).value),
    flops: stepFlops(context),
    steps: batches.steps,
    context,
    params: setup.start.params as MonetParams,
  };
}

/** Returns one step of training MONET, or one epoch: batch, loss, gradient and Adam. */
export async function training(device: Device, shape: Shape, of: "step" | "epoch" = "step"): Promise<Work> {
  const data = await dataOf(shape);
  const { step, flops, steps, context } = await trainer(device, data);
  const epoch = async () => {
    while (!await step());
  };
  return {
    name: `${of} ${shape}`,
    run: of === "step" ? step : epoch,
    flops: of === "step" ? flops : flops * steps,
    warmUp: of === "step" ? 3 : 1,
    facts: of === "step" ? { data: data.name } : { data: data.name, steps },
    result: () => read(scope(() => fixedLoss(context))),
  };
}

/** Returns the loss at a batch and at parameters from {@link numbers}, to compare libraries. */
function fixedLoss(context: MonetContext): Scalar {
  const { history } = context;
  let salt = 10; // P, W and b of each modality take the next three
  const params = mapTree(
    (x) =>
      fromArray(numbers(salt++, x.shape.reduce((a, b) => a * b, 1)).map((u) => (u - 0.5) / 10), x.shape, x.storage),
    monet.init(key(1), context),
  );
  const users = Int32Array.from({ length: BATCH }, (_, n) => n * 3 % history.rows);
  const triples = {
    users,
    positives: users.map((user) => history.indices[history.offsets[user]]),
    negatives: integers(30, BATCH, history.columns),
    shared: false,
    step: 0,
  };
  return monet.loss(params, triples, context, key(0));
}

/**
 * Returns the evaluation of an untrained MONET: all items for every user with held-out items, the best 20, and the
 * metrics. `flops` counts the products of users and of history entries with all items.
 */
export async function evaluation(device: Device, data: Dataset): Promise<Work> {
  const { context, params } = await trainer(device, data);
  const { history, config } = context;
  const heldOut = histories(data, "test");
  const encoded = scope(() => monet.encode(params, context));
  return {
    name: "evaluation",
    run: () => evaluateScore((block) => monet.score(encoded, block, config), { history, heldOut, cutoffs: [20] }),
    flops: 2 * (history.rows + history.indices.length) * history.columns * encoded.items.shape[1],
    // An evaluation is hundreds of equal blocks: the first ones warm up the others.
    warmUp: 0,
    facts: { data: data.name, users: history.rows, items: history.columns },
  };
}

/**
 * Returns memory-bound operations on rows of 128 numbers, as many as Women Clothing has users and items. `bytes` counts
 * operands once and results once.
 */
export function memoryBound(device: Device): (Work & { readonly bytes: number })[] {
  const { users, items } = SIZES.women;
  const [rows, columns] = [users + items, 128];
  const block = 4 * rows * columns;
  const draw = (salt: number) => matrix(salt, rows, columns, device);
  const [x, y] = [draw(1), draw(2)];
  const choice = rowSelector(integers(3, rows, rows), rows);
  const optimizer = adam();
  const start = optimizer.start({ x });
  // As in a block of an evaluation: users with histories of eight items, and a number per entry and item.
  const entries = Math.floor(rows * columns / items);
  const segments = patternFromCsr(
    [Math.ceil(entries / 8), entries],
    Int32Array.from({ length: Math.ceil(entries / 8) + 1 }, (_, r) => Math.min(entries, 8 * r)),
    Int32Array.from({ length: entries }, (_, e) => e),
  );
  const scores = matrix(4, entries, items, device);
  const works: readonly (readonly [name: string, bytes: number, run: () => unknown])[] = [
    ["add", 3 * block, () => add(x, y)],
    ["mul", 3 * block, () => mul(x, y)],
    ["adam", 7 * block, () => updated(optimizer.update(start, { x: y }, 1e-4))],
    ["normalizeRows", 2 * block, () => normalizeRows(x)],
    ["gather", 2 * block + 4 * rows, () => gather(x, choice)],
    ["scatterAdd", 2 * block + 4 * rows, () => scatterAdd(x, choice)],
    ["segmentSoftmax", 8 * entries * items, () => segmentSoftmax(scores, segments)],
  ];
  return works.map(([name, bytes, run]) => ({ name, bytes, run: () => free(scope(run)) }));
}

/** Returns the tensors of an Adam step: the parameters and both means. */
function updated({ params, memory }: Training<Tree>): Tree {
  return { params, ...memory };
}

/** Returns a function that moves `bytes` bytes: it copies half as many, each read once and written once. */
export function copy(bytes: number): () => void {
  const from = new Float32Array(Math.ceil(bytes / 8)).fill(1);
  const to = new Float32Array(from.length);
  return () => to.set(from);
}
