/**
 * Checking a gradient against the function it claims to belong to.
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

/** How {@link checkGradient} probes. */
export interface CheckOptions {
  /** Draws the directions; `key(0)` by default. */
  readonly key?: Key;
  /** How many directions; 3 by default. */
  readonly directions?: number;
  /** Lengths of the step, of which the best counts: rounding spoils short ones, curvature long ones; 0.1 to 0.001 by default. */
  readonly steps?: readonly number[];
}

const along = formula("step along", ({ fma }) => (x, d, t) => fma(d, t, x));

/**
 * Returns the largest relative disagreement, over random directions d, between ⟨∇f(at), d⟩ and the central difference
 * (f(at + εd) − f(at − εd)) / 2ε. A few 10⁻³ or less is what 32-bit floats give a right gradient; a wrong one gives about 1.
 * It is worked out on the device that the tree is on.
 *
 * @example
 * ```ts
 * import { checkGradient, exp, sum, tensor } from "@giverny/giverny";
 * import { assert } from "deno-std/assert/assert.js";
 * assert(await checkGradient((x) => sum(exp(x)), tensor([0.5, -1])) < 1e-2);
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

/** Each call draws fresh normal numbers. */
function drawer(key: Key): (count: number) => Float32Array {
  let drawn = 0;
  return (count) => normalArray(foldIn(key, drawn++), count);
}

/** Reads the leaves that `body` returns, and frees all that it made. */
async function numbersOf(body: () => Tree): Promise<Float32Array[]> {
  const [tree, made] = recordAllocations(() => scope(body));
  const numbers = await Promise.all(leaves(tree).map(([, leaf]) => read(leaf)));
  for (const storage of made) storage.device.free(storage);
  return numbers;
}

function inner(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return a.reduce((total, x, n) => x.reduce((sum, value, i) => sum + value * b[n][i], total), 0);
}
