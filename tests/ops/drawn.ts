/**
 * Random patterns, matrices and vectors for the tests of sparse operations, and their inner product.
 *
 * @module
 */
import { fc } from "../fc.ts";
import type { Pattern } from "../../src/core/pattern.ts";
import { fromArray, type Matrix, readSync, type Tensor, type Vector } from "../../src/core/tensor.ts";
import { mul, sum } from "../../src/ops/mod.ts";
import { numbers, patterns } from "../support.ts";

/** Draws a pattern with one to seven rows and columns. */
export const anyPattern: fc.Arbitrary<Pattern> = fc.tuple(
  fc.integer({ min: 1, max: 7 }),
  fc.integer({ min: 1, max: 7 }),
)
  .chain(([rows, columns]) => patterns(rows, columns));

/** Returns a matrix of normal numbers. */
export function draw(seed: number, rows: number, columns: number): Matrix {
  return fromArray(numbers(seed, rows * columns), [rows, columns]);
}

/** Returns a vector of normal numbers. */
export function list(seed: number, count: number): Vector {
  return fromArray(numbers(seed, count), [count]);
}

/** Returns ⟨a, b⟩ as a list of one number. */
export function dot(a: Tensor, b: Tensor): Float32Array {
  return readSync(sum(mul(a, b)));
}
