/**
 * The algebra in which elementwise formulas are written once. Each machine interprets the same formula its own way: as
 * numbers (`reference/`), as SIMD instructions (`wasm/`), as kernel text (`gpu/`).
 *
 * @module
 */

/** The operations a formula may use, over whatever a machine calls a value. */
export interface Algebra<V> {
  readonly zero: V;
  readonly one: V;
  readonly constant: (x: number) => V;
  readonly add: (a: V, b: V) => V;
  readonly sub: (a: V, b: V) => V;
  readonly mul: (a: V, b: V) => V;
  readonly div: (a: V, b: V) => V;
  /** a · b + c, rounded once or twice as the machine prefers. */
  readonly madd: (a: V, b: V, c: V) => V;
  readonly neg: (a: V) => V;
  readonly abs: (a: V) => V;
  readonly min: (a: V, b: V) => V;
  readonly max: (a: V, b: V) => V;
  readonly sqrt: (a: V) => V;
  readonly exp: (a: V) => V;
  readonly log: (a: V) => V;
  /** log(1 + a), accurate where a is small. */
  readonly log1p: (a: V) => V;
  readonly tanh: (a: V) => V;
  /** `yes` where a > b, else `no`. */
  readonly where: (a: V, b: V, yes: V, no: V) => V;
}

/** An elementwise formula: a function of some values, first the operands and then the scalars, to one or more values. */
export interface Formula {
  /** Used in messages and profiles. */
  readonly name: string;
  /** How many values it gives: with 1 it returns the value itself, else a list. */
  readonly outputs: number;
  readonly write: <V>(algebra: Algebra<V>) => (...values: V[]) => V | readonly V[];
}

/** Returns a named formula, of one output unless told otherwise. */
export function formula(name: string, write: Formula["write"], outputs = 1): Formula {
  return { name, outputs, write };
}

/** Applies a formula to values of an algebra, and returns its outputs as a list. */
export function interpret<V>(algebra: Algebra<V>, { outputs, write }: Formula, values: readonly V[]): readonly V[] {
  const out = write(algebra)(...values);
  return outputs === 1 ? [out as V] : out as readonly V[];
}

/** The algebra of plain numbers: what every formula means. */
export const numbers: Algebra<number> = {
  zero: 0,
  one: 1,
  constant: (x) => x,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  madd: (a, b, c) => a * b + c,
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
