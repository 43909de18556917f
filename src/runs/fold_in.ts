/**
 * New users of a run: people who are a list of items, and were never trained on.
 *
 * @module
 */
import { UsageError } from "../../kernels/errors.ts";
import type { Items, Users } from "../core/axis.ts";
import { degree, type Pattern, takeRows } from "../core/pattern.ts";
import { free, scope } from "../core/scope.ts";
import { fromArray, isTensor, type Matrix, read } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import { histories } from "../data/dataset.ts";
import { add, sub } from "../ops/elementwise.ts";
import { hasCosines, type RankingConfig } from "../models/ranking.ts";
import { matmul, matmulTN } from "../ops/matrix.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { gather } from "../ops/rows.ts";
import type { Run } from "./run.ts";

/** Returns the encoding of new users, a row for each history; the caller frees its member `users`. */
export type FoldIn = (histories: Pattern<number, Items>) => Tree;

/**
 * λ of the ridge regression, as a share of the mean square of a coordinate. Of 0.01, 0.1, 1 and 10, 0.1 ranks best for
 * users of the garden who were held out of the training of LightGCN; on TikTok the four rank alike.
 */
const RIDGE = 0.1;

const known = new WeakMap<Run, Promise<FoldIn>>();

/**
 * Returns the fold-in of new users of a run. The formula of the model's graph gives X, with zeros for the embeddings of
 * ids that a new user never had: a node with these neighbours. The trained users know their ids too. The ridge
 * regression U − X ≈ X Δ, over the trained users U and their training items, estimates this part from X, so a new user
 * is x (I + Δ). The regression is computed at the first call.
 *
 * @throws {UsageError} if the model cannot fold users in.
 * @throws {ValueError} if the embeddings of the run were written by a release without this.
 *
 * @example
 * ```ts
 * import { garden, key, models, train } from "@giverny/giverny";
 * import { type Matrix, patternFromCoo } from "@giverny/giverny/core";
 * import { foldInOf } from "@giverny/giverny/runs";
 * import { deepEqual } from "node:assert/strict";
 * const run = await train(models.lightgcn, garden(key(0), { users: 60, items: 40 }), { epochs: 1 });
 * const foldIn = await foldInOf(run);
 * const { users } = foldIn(patternFromCoo([1, 40], [0, 0], [3, 5])) as { users: Matrix };
 * deepEqual(users.shape, [1, 64]);
 * ```
 */
export function foldInOf(run: Run): Promise<FoldIn> {
  const found = known.get(run) ?? prepared(run);
  known.set(run, found);
  return found;
}

async function prepared(run: Run): Promise<FoldIn> {
  const { model, embeddings, config } = run;
  if (!model.foldInUser) {
    throw new UsageError(`Cannot fold users in: the model "${model.name}" has no foldInUser`);
  }
  const byFormula = (sets: Pattern<number, Items>) => model.foldInUser!(embeddings, sets, config);
  const users = usersOf(embeddings);
  if (!users) return byFormula;
  const map = await correction(users, histories(run.data, "train"), (sets) => usersOf(byFormula(sets))!);
  const cosines = hasCosines({ loss: "bpr", scores: "inner", ...config as Partial<RankingConfig> });
  return (sets) => scope(() => corrected(byFormula(sets), map, { embeddings, cosines }));
}

/** Returns the table of users; `null` for an encoding without one, such as popularity's. */
function usersOf(encoded: Tree): Matrix<Users, number> | null {
  const users = isTensor(encoded) ? undefined : (encoded as Readonly<Record<string, Tree>>).users;
  return isTensor(users) && users.shape.length === 2 ? users as Matrix<Users, number> : null;
}

/** Returns an encoding with users x (I + Δ), of length 1 where scores are cosines. The other tensors are the run's. */
function corrected(
  encoded: Tree,
  map: Matrix,
  { embeddings, cosines }: { readonly embeddings: Tree; readonly cosines: boolean },
): Tree {
  const x = usersOf(encoded)!;
  const users = add(x, matmul(x, map));
  return { ...embeddings as Readonly<Record<string, Tree>>, users: cosines ? normalizeRows(users) : users };
}

/** Returns Δ = (XᵀX + λ t I)⁻¹ Xᵀ(U − X) of users with training items, with t the mean of the diagonal of XᵀX. */
async function correction(
  users: Matrix<Users, number>,
  history: Pattern<Users, Items>,
  fold: (sets: Pattern<Users, Items>) => Matrix<Users, number>,
): Promise<Matrix> {
  const trained = Int32Array.from({ length: history.rows }, (_, user) => user).filter((u) => degree(history, u) > 0);
  const products = scope(() => {
    const [x, u] = [fold(takeRows(history, trained)), gather(users, trained)];
    return [matmulTN(x, x), matmulTN(x, sub(u, x))] as const;
  });
  const [gram, target] = await Promise.all(products.map((x) => read(x)));
  free(products);
  const size = users.shape[1];
  return fromArray(solved(gram, target, size), [size, size], users.storage);
}

/** Returns (G + λ t I)⁻¹ B of two square matrices, by Gauss's elimination; G is symmetric and positive. */
function solved(gram: ArrayLike<number>, target: ArrayLike<number>, size: number): Float32Array {
  const [g, b] = [Float64Array.from(gram), Float64Array.from(target)];
  let trace = 0;
  for (let i = 0; i < size; i++) trace += g[i * size + i];
  for (let i = 0; i < size; i++) g[i * size + i] += RIDGE * trace / size || 1;
  for (let i = 0; i < size; i++) {
    const row = i * size;
    const pivot = g[row + i];
    for (let j = 0; j < size; j++) {
      g[row + j] /= pivot;
      b[row + j] /= pivot;
    }
    for (let k = 0; k < size; k++) {
      const factor = k === i ? 0 : g[k * size + i];
      if (factor === 0) continue;
      for (let j = 0; j < size; j++) {
        g[k * size + j] -= factor * g[row + j];
        b[k * size + j] -= factor * b[row + j];
      }
    }
  }
  return Float32Array.from(b);
}
