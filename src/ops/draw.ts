/**
 * Tensors of random numbers, and the usual ways to initialise parameters. The same key gives the same bits on every device.
 *
 * @module
 */
import { defaultDevice } from "../../kernels/mod.ts";
import { type Key, normalArray, uniformArray } from "../core/random.ts";
import { track } from "../core/scope.ts";
import { type Frozen, type Shape, sizeOf } from "../core/shape.ts";
import { fromArray, type Matrix, type Placement, type Tensor, wrap } from "../core/tensor.ts";

/** Where {@link uniform} draws from. */
export interface UniformOptions extends Placement {
  /** The least value; 0 by default. */
  readonly low?: number;
  /** What no value is above; 1 by default. */
  readonly high?: number;
}

/**
 * Returns numbers drawn uniformly from `low` to `high`. They stay below `high`, but for rounding to 32 bits in ranges other than [0, 1).
 *
 * @example
 * ```ts
 * import { key, readSync, uniform } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * assertEquals(readSync(uniform(key(1), [3])), readSync(uniform(key(1), [3])));
 * ```
 */
export function uniform<S extends Shape>(key: Key, shape: S, options: UniformOptions = {}): Tensor<Frozen<S>> {
  const { low = 0, high = 1, ...place } = options;
  if (low === 0 && high === 1) {
    const { device = defaultDevice() } = place;
    return wrap(track(device.kernels.uniforms(key, sizeOf(shape))), shape as Shape as Frozen<S>);
  }
  // Another range is stretched in 64 bits, so that devices agree: parameters are drawn so, and once.
  return fromArray(uniformArray(key, sizeOf(shape)).map((u) => low + u * (high - low)), shape, place);
}

/** How {@link normal} spreads. */
export interface NormalOptions extends Placement {
  /** The standard deviation; 1 by default. */
  readonly deviation?: number;
}

/** Returns numbers drawn from a normal distribution around 0. */
export function normal<S extends Shape>(key: Key, shape: S, options: NormalOptions = {}): Tensor<Frozen<S>> {
  const { deviation = 1, ...place } = options;
  return fromArray(normalArray(key, sizeOf(shape)).map((z) => z * deviation), shape, place);
}

/** Returns a matrix drawn uniformly from ±√(6 / (rows + columns)) (Glorot and Bengio, 2010). */
export function xavierUniform<R extends number, C extends number>(
  key: Key,
  shape: readonly [R, C],
  place: Placement = {},
): Matrix<R, C> {
  const bound = Math.sqrt(6 / (shape[0] + shape[1]));
  return uniform(key, shape, { low: -bound, high: bound, ...place });
}

/** Returns a matrix drawn from a normal distribution of variance 2 / (rows + columns) (Glorot and Bengio, 2010). */
export function xavierNormal<R extends number, C extends number>(
  key: Key,
  shape: readonly [R, C],
  place: Placement = {},
): Matrix<R, C> {
  return normal(key, shape, { deviation: Math.sqrt(2 / (shape[0] + shape[1])), ...place });
}

/** Returns numbers drawn uniformly from ±1/√inputs: how PyTorch starts the weights and biases of a linear layer. */
export function linearUniform<S extends Shape>(
  key: Key,
  shape: S,
  { inputs, ...place }: Placement & { readonly inputs: number },
): Tensor<Frozen<S>> {
  const bound = 1 / Math.sqrt(inputs);
  return uniform(key, shape, { low: -bound, high: bound, ...place });
}
