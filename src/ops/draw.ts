/**
 * Tensors of random numbers, and the common initialisations of parameters. The same key gives the same bits on every
 * device.
 *
 * @module
 */
import { checkedKey, type Key, normalArray, uniformArray } from "../core/random.ts";
import { track } from "../core/scope.ts";
import { type Frozen, type Shape, sizeOf } from "../core/shape.ts";
import { deviceFor, fromArray, type Matrix, type Placement, type Tensor, wrap } from "../core/tensor.ts";

/** The range of {@link uniform}. */
export interface UniformOptions extends Placement {
  /** The least value; 0 by default. */
  readonly low?: number | undefined;
  /** The bound above all values; 1 by default. */
  readonly high?: number | undefined;
}

/**
 * Returns a tensor of numbers drawn uniformly from `low` to `high`; from [0, 1) by default. In other ranges, rounding
 * to 32 bits may give `high` itself.
 *
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { key, readSync } from "@giverny/giverny/core";
 * import { uniform } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(readSync(uniform(key(1), [3])), readSync(uniform(key(1), [3])));
 * ```
 */
export function uniform<S extends Shape>(key: Key, shape: S, options: UniformOptions = {}): Tensor<Frozen<S>> {
  checkedKey("uniform", key);
  const { low = 0, high = 1, ...place } = options;
  if (low === 0 && high === 1) {
    return wrap(track(deviceFor(place).kernels.uniforms(key, sizeOf(shape))), shape as Shape as Frozen<S>);
  }
  // In other ranges the host computes in 64 bits, so that all devices agree. Parameters are drawn once, so speed
  // matters less.
  return fromArray(uniformArray(key, sizeOf(shape)).map((u) => low + u * (high - low)), shape, place);
}

/** The distribution of {@link normal}. */
export interface NormalOptions extends Placement {
  /** The standard deviation; 1 by default. */
  readonly deviation?: number | undefined;
}

/**
 * Returns a tensor of numbers drawn from a normal distribution with mean 0; its standard deviation is 1 by default.
 *
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { key } from "@giverny/giverny/core";
 * import { normal } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(normal(key(1), [3, 2], { deviation: 0.1 }).shape, [3, 2]);
 * ```
 */
export function normal<S extends Shape>(key: Key, shape: S, options: NormalOptions = {}): Tensor<Frozen<S>> {
  checkedKey("normal", key);
  const { deviation = 1, ...place } = options;
  return fromArray(normalArray(key, sizeOf(shape)).map((z) => z * deviation), shape, place);
}

/**
 * Returns a matrix drawn uniformly from ±√(6 / (rows + columns)) (Glorot and Bengio, 2010).
 *
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { key, readSync } from "@giverny/giverny/core";
 * import { xavierUniform } from "@giverny/giverny/ops";
 * import { ok } from "node:assert/strict";
 * ok(readSync(xavierUniform(key(1), [2, 4])).every((x) => Math.abs(x) <= 1));
 * ```
 */
export function xavierUniform<R extends number, C extends number>(
  key: Key,
  shape: readonly [R, C],
  place: Placement = {},
): Matrix<R, C> {
  checkedKey("xavierUniform", key);
  const bound = Math.sqrt(6 / (shape[0] + shape[1]));
  return uniform(key, shape, { low: -bound, high: bound, ...place });
}

/**
 * Returns a matrix drawn from a normal distribution of variance 2 / (rows + columns) (Glorot and Bengio, 2010).
 *
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { key } from "@giverny/giverny/core";
 * import { xavierNormal } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(xavierNormal(key(1), [2, 4]).shape, [2, 4]);
 * ```
 */
export function xavierNormal<R extends number, C extends number>(
  key: Key,
  shape: readonly [R, C],
  place: Placement = {},
): Matrix<R, C> {
  checkedKey("xavierNormal", key);
  return normal(key, shape, { deviation: Math.sqrt(2 / (shape[0] + shape[1])), ...place });
}

/** The layer of {@link linearUniform}. */
export interface LinearOptions extends Placement {
  /** The number of inputs of the layer. */
  readonly inputs: number;
}

/**
 * Returns a tensor of numbers drawn uniformly from ±1/√inputs: PyTorch's initialisation of the weights and biases of a
 * linear layer.
 *
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { key, readSync } from "@giverny/giverny/core";
 * import { linearUniform } from "@giverny/giverny/ops";
 * import { ok } from "node:assert/strict";
 * ok(readSync(linearUniform(key(1), [8], { inputs: 4 })).every((x) => Math.abs(x) <= 0.5));
 * ```
 */
export function linearUniform<S extends Shape>(
  key: Key,
  shape: S,
  options: LinearOptions,
): Tensor<Frozen<S>> {
  const { inputs, ...place } = options;
  checkedKey("linearUniform", key);
  const bound = 1 / Math.sqrt(inputs);
  return uniform(key, shape, { low: -bound, high: bound, ...place });
}
