/**
 * Checking a gradient against the function it claims to belong to.
 *
 * @module
 */
import { formula } from "../../kernels/mod.ts";
import { valueAndGrad } from "./autodiff.ts";
import { foldIn, type Key, key as keyOf, normals } from "./random.ts";
import { own } from "./scope.ts";
import { asMatrix, sizeOf } from "./shape.ts";
import { fromArray, readSync, type Scalar, type Tensor, wrap } from "./tensor.ts";
import { leaves, mapTree, type Tree } from "./tree.ts";

/** How {@link checkGradient} probes. */
export interface CheckOptions {
  /** Draws the directions; `key(0)` by default. */
  readonly key?: Key;
  /** How many directions; 3 by default. */
  readonly directions?: number;
  /** Lengths of the step, of which the best counts: rounding spoils short ones, curvature long ones. */
  readonly steps?: readonly number[];
}

const along = formula("step along", ({ madd }) => (x, d, t) => madd(d, t, x));

/**
 * Returns the largest relative disagreement, over random directions d, between ⟨∇f(at), d⟩ and the central difference
 * (f(at + εd) − f(at − εd)) / 2ε. Around 10⁻³ or less is what 32-bit floats give a right gradient; a wrong one gives about 1.
 *
 * @example
 * ```ts
 * import { checkGradient, exp, sum, tensor } from "@giverny/giverny";
 * import { assert } from "deno-std/assert/assert.js";
 * assert(checkGradient((x) => sum(exp(x)), tensor([0.5, -1])) < 1e-2);
 * ```
 */
export function checkGradient<P extends Tree>(f: (at: P) => Scalar, at: P, options: CheckOptions = {}): number {
  const { key = keyOf(0), directions = 3, steps = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3] } = options;
  const [, gradient] = valueAndGrad(f)(at);
  const step = (x: Tensor, d: Tensor, t: number) => {
    const operands = [x, d].map(({ storage }) => ({ storage, extent: "both" } as const));
    return wrap(own(x.storage.device.kernels.map(along, operands, [t], asMatrix(x.shape))[0]), x.shape);
  };
  return Math.max(...Array.from({ length: directions }, (_, n) => {
    const draw = drawer(foldIn(key, n));
    const direction = mapTree((x) => fromArray(draw(sizeOf(x.shape)), x.shape, x.storage), at);
    const slope = inner(gradient, direction);
    const size = Math.sqrt(inner(gradient, gradient) * inner(direction, direction));
    return Math.min(...steps.map((epsilon) => {
      const [up, down] = [epsilon, -epsilon].map((t) =>
        readSync(f(mapTree((x, d) => step(x, d, t), at, direction)))[0]
      );
      const difference = (up - down) / (2 * epsilon);
      return Math.abs(difference - slope) / Math.max(Math.abs(difference), Math.abs(slope), 0.1 * size, 1e-6);
    }));
  }));
}

/** Each call draws fresh normal numbers. */
function drawer(key: Key): (count: number) => Float32Array {
  let drawn = 0;
  return (count) => normals(foldIn(key, drawn++), count);
}

function inner(a: Tree, b: Tree): number {
  const others = leaves(b);
  return leaves(a).reduce((total, [, x], n) => {
    const y = readSync(others[n][1]);
    return readSync(x).reduce((sum, value, i) => sum + value * y[i], total);
  }, 0);
}
