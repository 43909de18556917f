/**
 * Giverny: a functional tensor library and the multimedia recommenders built on it.
 *
 * Tensors are immutable values, operations are functions, gradients are functions of functions, and a model is a list
 * of equations. This module has the names that most programs need. All others are in the modules of the layers:
 * `/core`, `/ops`, `/data`, `/train`, `/rank`, `/models`, `/runs`, `/experiments`, `/reports`, `/kernels` and `/cli`.
 *
 * @example Train a recommender, and recommend
 * ```ts
 * import { garden, key, models, recommend, train } from "@giverny/giverny";
 * import { equal } from "node:assert/strict";
 *
 * const run = await train(models.lightgcn, garden(key(0), { users: 60, items: 40 }), { epochs: 2 });
 * const [first] = await recommend(run, { users: ["user-07"], k: 3 });
 * equal(first.items.length, 3);
 * ```
 *
 * @example Differentiate a function of your own
 * ```ts
 * import { add, grad, key, type Matrix, matmul, mean, normal, readSync } from "@giverny/giverny";
 * import { scale, square, sub, tensor, zeros } from "@giverny/giverny";
 * import { ok } from "node:assert/strict";
 *
 * const x = normal(key(1), [50, 2]);
 * const y = matmul(x, tensor([[2], [-3]]));
 * const slope = grad((p: { w: Matrix }) => mean(square(sub(matmul(x, p.w), y))));
 * let w: Matrix = zeros([2, 1]);
 * for (let step = 0; step < 200; step++) w = sub(w, scale(slope({ w }).w, 0.2));
 *
 * ok(Math.abs(readSync(add(w, w))[0] - 4) < 1e-2);
 * ```
 *
 * @module
 */
export { type Device, GivernyError, openDevice, ShapeError } from "./kernels/mod.ts";
export {
  copy,
  type Csr,
  free,
  fromArray,
  grad,
  type Key,
  key,
  type Matrix,
  ones,
  patternFromCoo,
  print,
  read,
  readSync,
  type Scalar,
  scope,
  split,
  type Tensor,
  tensor,
  toDevice,
  type Tree,
  valueAndGrad,
  type Vector,
  zeros,
} from "./src/core/mod.ts";
export { add, csr, matmul, mean, mul, normal, scale, spmm, square, sub, sum, uniform } from "./src/ops/mod.ts";
export { type Dataset, garden, readDataset, writeDataset } from "./src/data/mod.ts";
export { lightgcn, type Model, models, monet } from "./src/models/mod.ts";
export {
  evaluate,
  openRun,
  recommend,
  type Recommendation,
  resume,
  type Run,
  train,
  type TrainOptions,
} from "./src/runs/mod.ts";
