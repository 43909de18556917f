/**
 * The shapes of tensors, with the functions that check and print them.
 *
 * @module
 */
import { ShapeError } from "../../kernels/errors.ts";

export { ShapeError };

/**
 * The lengths of a tensor's axes: none for a scalar, one for a vector, two for a matrix. Tensors have at most two axes.
 */
export type Shape = readonly [] | readonly [number] | readonly [number, number];

/** The read-only form of a shape: the type that a tensor gets from a list written in a call, such as `[2, 3]`. */
export type Frozen<S extends Shape> = S extends readonly [infer R extends number, infer C extends number]
  ? readonly [R, C]
  : S extends readonly [infer N extends number] ? readonly [N]
  : readonly [];

/** The shape of a vector or a matrix with `R` rows. */
export type Rows<R extends number = number> = readonly [R] | readonly [R, number];

/** The shape `S` of a vector or a matrix, with `R` rows instead. */
export type WithRows<R extends number, S extends Rows> = S extends readonly [number, infer C extends number]
  ? readonly [R, C]
  : readonly [R];

/** The most numbers in a block of a device. */
const MOST = 2 ** 31 - 1;

/**
 * Returns the number of elements of a shape.
 *
 * @throws {ShapeError} if it has more than two axes, an axis is not a whole number from 0, or the tensor would be too
 * large for every device.
 */
export function sizeOf(shape: Shape): number {
  const [rows = 1, columns = 1, ...more]: readonly number[] = shape;
  const refuse = (rule: string) => new ShapeError(`Cannot make a tensor of shape ${showShape(shape)}: ${rule}`);
  if (more.length > 0) throw refuse("tensors have at most two axes");
  if (![rows, columns].every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw refuse("the length of an axis is a whole number from 0");
  }
  if (rows * columns > MOST) throw refuse(`it has ${rows * columns} numbers, and a block holds at most ${MOST}`);
  return rows * columns;
}

/**
 * Returns the numbers of rows and columns as kernels count them: a vector is one row, a scalar one element.
 *
 * @example
 * ```ts
 * import { asMatrix } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(asMatrix([3]), { rows: 1, columns: 3 });
 * ```
 */
export function asMatrix(shape: Shape): { rows: number; columns: number } {
  return shape.length === 2
    ? { rows: shape[0], columns: shape[1] }
    : { rows: 1, columns: shape.length === 1 ? shape[0] : 1 };
}

/** Returns a shape in brackets, for messages. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Returns whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a[0] === b[0] && a[1] === b[1];
}
