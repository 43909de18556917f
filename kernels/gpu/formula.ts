/**
 * Elementwise formulas as kernel text: the formula that `reference/` computes with numbers and `wasm/` with vectors
 * becomes the lines of a program.
 *
 * @module
 */
import type { Extent, Operand } from "../device.ts";
import { type Algebra, type Formula, interpret } from "../scalar.ts";
import type { GpuStorage } from "./storage.ts";

/** The lines of a program, and the names of their results. */
export interface Lines {
  readonly lines: readonly string[];
  readonly values: readonly string[];
}

/** Returns the text of a polynomial in x, the constant first. */
function polynomial(x: string, coefficients: readonly number[]): string {
  return coefficients.map(String).reduceRight((sum, c) => `(${sum} * ${x} + ${c})`);
}

/** Returns the algebra whose values are names. Each operation adds a line that defines the name of its result. */
function writer(lines: string[]): Algebra<string> {
  const name = (text: string) => {
    const id = `t${lines.length}`;
    lines.push(`const ${id} = ${text};`);
    return id;
  };
  const infix = (operator: string) => (a: string, b: string) => name(`(${a} ${operator} ${b})`);
  const call = (f: string) => (...of: string[]) => name(`Math.${f}(${of.join(", ")})`);
  const constant = (x: number) => x < 0 ? `(-${-x})` : String(x);
  const where = (a: string, b: string, yes: string, no: string) => name(`(${a} > ${b}) ? ${yes} : ${no}`);
  return {
    zero: "0",
    one: "1",
    constant,
    add: infix("+"),
    sub: infix("-"),
    mul: infix("*"),
    div: infix("/"),
    fma: (a, b, c) => name(`(${a} * ${b} + ${c})`),
    neg: (a) => name(`(-${a})`),
    abs: call("abs"),
    min: call("min"),
    max: call("max"),
    sqrt: call("sqrt"),
    exp: call("exp"),
    log: call("log"),
    // GPUs bound the absolute error of log, which is not enough near 0: there, 2 artanh(x / (2 + x)) as a series.
    log1p: (a) => {
      const s = name(`(${a} / (2 + ${a}))`);
      const square = name(`(${s} * ${s})`);
      const series = name(`2 * ${s} * ${polynomial(square, [1, 3, 5, 7, 9, 11, 13].map((n) => 1 / n))}`);
      return where("0.5", name(`Math.abs(${a})`), series, name(`Math.log(1 + ${a})`));
    },
    // The built-in tanh overflows on some GPUs: 1 − 2 / (e²ˣ + 1), and a series where this difference cancels.
    tanh: (a) => {
      const size = name(`Math.abs(${a})`);
      const square = name(`(${a} * ${a})`);
      const terms = [1, -1 / 3, 2 / 15, -17 / 315, 62 / 2835, -1382 / 155925, 21844 / 6081075, -929569 / 638512875];
      const series = name(`${a} * ${polynomial(square, terms)}`);
      const large = name(`(1 - 2 / (Math.exp(2 * ${size}) + 1))`);
      return where("0.5", size, series, where(a, "0", large, name(`(-${large})`)));
    },
    where,
  };
}

/** Returns the text that reads an element of an operand at a row and a column. */
export function element(name: string, extent: Extent, row: string, column: string): string {
  return {
    both: `${name}[${row}][${column}]`,
    rows: `${name}[${row}]`,
    columns: `${name}[${column}]`,
    none: `${name}[0]`,
  }[
    extent
  ];
}

/** Returns the names of the operands of a formula. */
export const operandNames = (count: number): string[] => Array.from({ length: count }, (_, n) => `x${n}`);

/** Returns the names of the scalars of a formula. */
export const scalarNames = (count: number): string[] => Array.from({ length: count }, (_, n) => `s${n}`);

/** Returns the lines that compute a formula from the texts of its elements: operands first, then scalars. */
export function written(formula: Formula, elements: readonly string[]): Lines {
  const lines = elements.map((element, n) => `const v${n} = ${element};`);
  const values = interpret(writer(lines), formula, elements.map((_, n) => `v${n}`));
  return { lines, values };
}

/** Returns a cache of values by formula and kind; `make` computes a missing value. */
export function remembered<T>(): (formula: Formula, kind: string, make: () => T) => T {
  const known = new WeakMap<Formula, Map<string, T>>();
  return (formula, kind, make) => {
    const made = known.get(formula) ?? new Map<string, T>();
    known.set(formula, made);
    const found = made.get(kind) ?? make();
    made.set(kind, found);
    return found;
  };
}

/** Returns whether all operands vary along both axes or along none, so that one index is enough. */
export function flat(operands: readonly Operand<GpuStorage>[]): boolean {
  return operands.every(({ extent }) => extent === "both" || extent === "none");
}
