/**
 * The entries of the catalogue, and random operands for them.
 *
 * @module
 */
import type { Device } from "../../kernels/mod.ts";
import { entries, type Pattern, patternFromCoo, rowSelector } from "../../src/core/pattern.ts";
import { choose, foldIn, integers, type Key, uniformArray } from "../../src/core/random.ts";
import { type Shape, sizeOf } from "../../src/core/shape.ts";
import { fromArray, type Tensor } from "../../src/core/tensor.ts";
import { each, type Nested, range, type Row, type Rows, total } from "./naive.ts";

/** The sizes, the key and the patterns of one case. */
export interface Case {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly key: Key;
  /** A pattern of m rows and k columns. */
  readonly pattern: Pattern;
  /** A selection of m of k rows; empty where k is 0. */
  readonly choice: Pattern;
}

/** Lengths of axes by letter: `e` is one per entry of the pattern, `c` one per row of the choice. */
const lengths: Readonly<Record<string, (at: Case) => number>> = {
  m: ({ m }) => m,
  k: ({ k }) => k,
  n: ({ n }) => n,
  e: ({ pattern }) => entries(pattern),
  c: ({ choice }) => choice.rows,
  s: ({ m, k }) => m + k,
};

/** The types of operands described by a text: "mk k ." is a matrix, a vector and a scalar. */
type Operands<Text extends string, Scalar, Vector, Matrix> = Text extends `${infer First} ${infer Rest}`
  ? readonly [...Operands<First, Scalar, Vector, Matrix>, ...Operands<Rest, Scalar, Vector, Matrix>]
  : Text extends "." ? readonly [Scalar]
  : Text extends `${infer _}${infer Second}` ? Second extends "" ? readonly [Vector] : readonly [Matrix]
  : never;
type Tensors<Text extends string> = Operands<
  Text,
  Tensor<readonly []>,
  Tensor<readonly [number]>,
  Tensor<readonly [number, number]>
>;
type Arrays<Text extends string> = Operands<Text, number, Row, Rows>;

function shapeOf(word: string, at: Case): Shape {
  if (word === ".") return [];
  const [first, second] = [...word].map((letter) => lengths[letter](at));
  return second === undefined ? [first] : [first, second];
}

/** Restrictions of an operation. */
interface Traits {
  /** Whether its operands are between 0.5 and 2.5; from −2 to 2 by default. */
  readonly positive?: boolean;
  /** Whether it is defined for operands without elements; `true` by default. */
  readonly empty?: boolean;
}

/** An operation: the shapes of its operands, its function, and its plain form. */
export interface Entry extends Traits {
  readonly shapes: (at: Case) => readonly Shape[];
  readonly op: (at: Case) => (...xs: Tensor[]) => Tensor;
  readonly naive: (at: Case) => (...xs: Nested[]) => Nested;
}

/** Returns the entry of an operation whose operands are described by a text. */
export function entry<Text extends string>(
  operands: Text,
  op: (at: Case) => (...xs: Tensors<Text>) => Tensor,
  naive: (at: Case) => (...xs: Arrays<Text>) => Nested,
  traits?: Traits,
): Entry;
export function entry(
  operands: string,
  op: (at: Case) => (...xs: never) => Tensor,
  naive: (at: Case) => (...xs: never) => Nested,
  traits: Traits = {},
): Entry {
  const shapes = (at: Case) => operands.split(" ").map((word) => shapeOf(word, at));
  return { shapes, op: op as Entry["op"], naive: naive as Entry["naive"], ...traits };
}

/** Returns the entry of an operation on operands of one shape, which may be any. */
export function anyShape(
  count: number,
  op: (...xs: Tensor[]) => Tensor,
  naive: (...xs: Nested[]) => Nested,
  traits?: Traits,
): Entry {
  const shapes = ({ m, k, key }: Case) => {
    const shape = [[] as const, [m] as const, [m, k] as const][integers(key, 1, 3)[0]];
    return Array.from({ length: count }, () => shape);
  };
  return { shapes, op: () => op, naive: () => naive, ...traits };
}

/** Returns the entry of an elementwise operation. */
export function elementwise(
  op: (...xs: Tensor[]) => Tensor,
  f: (...values: number[]) => number,
  traits?: Traits,
): Entry {
  return anyShape(f.length, op, (...xs) => each(f, ...xs), traits);
}

/** Returns a case of these sizes. About a third of the cells of its random pattern are entries. */
export function caseOf([m, k, n]: readonly [m: number, k: number, n: number], key: Key, filled: number = 1 / 3): Case {
  const cells = range(m * k).filter((_, i) => uniformArray(foldIn(key, 1), m * k)[i] < filled);
  const pattern = patternFromCoo([m, k], cells.map((cell) => Math.floor(cell / k)), cells.map((cell) => cell % k));
  return { m, k, n, key, pattern, choice: rowSelector(integers(foldIn(key, 2), k === 0 ? 0 : m, k), k) };
}

/** Returns operands away from all kinks: no two numbers are nearly equal, and none is nearly 0. */
export function operandsOf({ shapes, positive = false }: Entry, at: Case, device: Device): Tensor[] {
  const sizes = shapes(at).map(sizeOf);
  const order = choose(foldIn(at.key, 3), total(sizes));
  const values = Float32Array.from(order, (rank) => 4 * (rank + 0.25) / order.length - 2)
    .map((value) => positive ? 1.5 + value / 2 : value);
  let start = 0;
  return shapes(at).map((shape) => fromArray(values.subarray(start, start += sizeOf(shape)), shape, { device }));
}
