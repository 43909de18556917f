/**
 * The algebra in which elementwise formulas are written once. Each device interprets the same formula in its own way:
 * as numbers (`reference/`), as SIMD instructions (`wasm/`), as kernel text (`gpu/`).
 *
 * @module
 */

/** The operations of formulas, over the values `V` of a device. */
export interface Algebra<V> {
  /** 0. */
  readonly zero: V;
  /** 1. */
  readonly one: V;
  /** A number known when the formula is written. */
  readonly constant: (x: number) => V;
  /** a + b. */
  readonly add: (a: V, b: V) => V;
  /** a − b. */
  readonly sub: (a: V, b: V) => V;
  /** a · b. */
  readonly mul: (a: V, b: V) => V;
  /** a / b. */
  readonly div: (a: V, b: V) => V;
  /** a · b + c, rounded once or twice, depending on the device. */
  readonly fma: (a: V, b: V, c: V) => V;
  /** −a. */
  readonly neg: (a: V) => V;
  /** |a|. */
  readonly abs: (a: V) => V;
  /** The smaller of a and b. */
  readonly min: (a: V, b: V) => V;
  /** The larger of a and b. */
  readonly max: (a: V, b: V) => V;
  /** √a. */
  readonly sqrt: (a: V) => V;
  /** eᵃ. */
  readonly exp: (a: V) => V;
  /** The natural logarithm. */
  readonly log: (a: V) => V;
  /** log(1 + a), accurate where a is small. */
  readonly log1p: (a: V) => V;
  /** tanh a. */
  readonly tanh: (a: V) => V;
  /** `yes` where a > b, else `no`. */
  readonly where: (a: V, b: V, yes: V, no: V) => V;
}

/**
 * An elementwise formula: a function from values, first the operands and then the scalars, to one or more values.
 */
export interface Formula {
  /** Used in messages and profiles. */
  readonly name: string;
  /** The number of its results: with 1 it returns the value itself, else a list. */
  readonly outputs: number;
  /** Returns the formula as a function of values, given the operations on them. */
  readonly write: <V>(algebra: Algebra<V>) => (...values: V[]) => V | readonly V[];
}

/**
 * Returns a named formula, with one output by default.
 *
 * @param write Takes the operations, and returns the formula as a function of values, as in the example.
 *
 * @example
 * ```ts
 * import { formula, reference } from "@giverny/giverny/kernels";
 * import { deepEqual } from "node:assert/strict";
 * const blend = formula("blend", ({ add, sub, mul }) => (x, y, s) => add(x, mul(s, sub(y, x))));
 * const [x, y] = [[1, 2], [3, 6]].map((v) => ({ storage: reference.upload(v), extent: "both" as const }));
 * const [z] = reference.kernels.map(blend, [x, y], [0.5], { rows: 1, columns: 2 });
 * deepEqual([...z.floats], [2, 4]);
 * ```
 */
export function formula(name: string, write: Formula["write"], outputs = 1): Formula {
  return { name, outputs, write };
}

/** Applies a formula to values of an algebra, and returns its results as a list. */
export function interpret<V>(algebra: Algebra<V>, { outputs, write }: Formula, values: readonly V[]): readonly V[] {
  const out = write(algebra)(...values);
  return outputs === 1 ? [out as V] : out as readonly V[];
}

/** The algebra of plain numbers, which defines the meaning of every formula. */
export const numbers: Algebra<number> = {
  zero: 0,
  one: 1,
  constant: (x) => x,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  fma: (a, b, c) => a * b + c,
  neg: (a) => -a,
  abs: Math.abs,
  min: Math.min,
  max: Math.max,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  where: (a, b, yes, no) => a > b ? yes : no,
};
