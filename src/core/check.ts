/**
 * Checks of gradients against differences of the function's values.
 *
 * @module
 */
import { formula } from "../../kernels/mod.ts";
import { valueAndGrad } from "./autodiff.ts";
import { foldIn, type Key, key as keyOf, normalArray } from "./random.ts";
import { recordAllocations, scope, track } from "./scope.ts";
import { asMatrix, sizeOf } from "./shape.ts";
import { fromArray, read, type Scalar, type Tensor, wrap } from "./tensor.ts";
import { leaves, mapTree, type Tree } from "./tree.ts";

/** Options of {@link checkGradient}. */
export interface CheckOptions {
  /** Draws the directions; `key(0)` by default. */
  readonly key?: Key | undefined;
  /** The number of directions; 3 by default. */
  readonly directions?: number | undefined;
  /**
   * Lengths ε of the step; 0.1 to 0.001 by default. The best of them counts: rounding spoils short steps, curvature
   * long ones.
   */
  readonly steps?: readonly number[] | undefined;
}

const along = formula("step along", ({ fma }) => (x, d, t) => fma(d, t, x));

/**
 * Returns the largest relative difference, over random directions d, between ⟨∇f(at), d⟩ and the central difference
 * (f(at + εd) − f(at − εd)) / 2ε. In 32-bit floats, a correct gradient gives a few 10⁻³ or less, and a wrong gradient
 * about 1. The check runs on the device of the tree.
 *
 * @example
 * ```ts
 * import { checkGradient, tensor } from "@giverny/giverny/core";
 * import { exp, sum } from "@giverny/giverny/ops";
 * import { ok } from "node:assert/strict";
 * ok(await checkGradient((x) => sum(exp(x)), tensor([0.5, -1])) < 1e-2);
 * ```
 */
export async function checkGradient<P extends Tree>(
  f: (at: P) => Scalar,
  at: P,
  options: CheckOptions = {},
): Promise<number> {
  const { key = keyOf(0), directions = 3, steps = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3] } = options;
  const gradient = await numbersOf(() => valueAndGrad(f)(at)[1]);
  const step = (x: Tensor, d: Tensor, t: number) => {
    const operands = [x, d].map(({ storage }) => ({ storage, extent: "both" } as const));
    return wrap(track(x.storage.device.kernels.map(along, operands, [t], asMatrix(x.shape))[0]), x.shape);
  };
  const off = async (draw: (count: number) => Float32Array) => {
    const drawn = leaves(at).map(([, { shape }]) => draw(sizeOf(shape)));
    const values = await numbersOf(() => {
      let leaf = 0;
      const direction = mapTree((x) => fromArray(drawn[leaf++], x.shape, x.storage), at);
      const moved = (t: number) => scope(() => f(mapTree((x, d) => step(x, d, t), at, direction)));
      return steps.flatMap((epsilon) => [moved(epsilon), moved(-epsilon)]);
    });
    const slope = inner(gradient, drawn);
    const size = Math.sqrt(inner(gradient, gradient) * inner(drawn, drawn));
    return Math.min(...steps.map((epsilon, n) => {
      const difference = (values[2 * n][0] - values[2 * n + 1][0]) / (2 * epsilon);
      return Math.abs(difference - slope) / Math.max(Math.abs(difference), Math.abs(slope), 0.1 * size, 1e-6);
    }));
  };
  const all = Array.from({ length: directions }, (_, n) => off(drawer(foldIn(key, n))));
  return Math.max(...await Promise.all(all));
}

/** Returns a function that draws other normal numbers at each call. */
function drawer(key: Key): (count: number) => Float32Array {
  let drawn = 0;
  return (count) => normalArray(foldIn(key, drawn++), count);
}

/** Reads the leaves of the tree that `body` returns, then frees all tensors that it made. */
async function numbersOf(body: () => Tree): Promise<Float32Array[]> {
  const [tree, made] = recordAllocations(() => scope(body));
  const numbers = await Promise.all(leaves(tree).map(([, leaf]) => read(leaf)));
  for (const storage of made) storage.device.free(storage);
  return numbers;
}

function inner(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return a.reduce((total, x, n) => x.reduce((sum, value, i) => sum + value * b[n][i], total), 0);
}
