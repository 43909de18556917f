/**
 * Tests of named axes. They test types: each line below an expected error must not compile, and all others must.
 *
 * @module
 */
import { assertEquals } from "deno-std/assert/equals.js";
import type { Axis, Dim, Items, Users } from "../../src/core/axis.ts";
import { type Pattern, patternFromCoo } from "../../src/core/pattern.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { type Matrix, tensor, type Vector } from "../../src/core/tensor.ts";
import {
  add,
  addRow,
  csr,
  gather,
  matmul,
  matmulNT,
  rowDots,
  sddmm,
  spmm,
  transpose,
  transposeCsr,
} from "../../src/ops/mod.ts";

const two: Users & Items & Dim = 2;
const square = (): Matrix<typeof two, typeof two> => tensor([[1, 2], [3, 4]]);
const users: Matrix<Users, Dim> = square();
const items: Matrix<Items, Dim> = square();
const history: Csr<Users, Items> = csr(patternFromCoo([2, 2], [0, 1], [1, 0]), tensor([1, 1]));

Deno.test("matrices whose axes have different names are not accepted for each other", () => {
  add(users, users);
  // @ts-expect-error: users are not items, although both axes have length 2
  add(users, items);
  rowDots(items, items);
  // @ts-expect-error: the rows of both must be users, or items
  rowDots(users, items);
});

Deno.test("products need one name for the inner axes, and keep the names of the outer axes", () => {
  const scores: Matrix<Users, Items> = matmulNT(users, items);
  const back: Matrix<Users, Dim> = matmul(scores, items);
  // @ts-expect-error: a transpose is missing
  matmul(users, items);
  // @ts-expect-error: scores have items for columns, and users have dimensions
  matmul(scores, users);
  // @ts-expect-error: the product has users for rows
  const wrong: Matrix<Items, Dim> = matmul(scores, items);
  assertEquals(wrong.shape, back.shape);
});

Deno.test("sparse products distinguish a matrix from its transpose", () => {
  const ofUsers: Matrix<Users, Dim> = spmm(history, items);
  const ofItems: Matrix<Items, Dim> = spmm(transposeCsr(history), users);
  // @ts-expect-error: a history multiplies items
  spmm(history, users);
  // @ts-expect-error: the rows of the transpose are items
  const wrong: Matrix<Users, Dim> = spmm(transposeCsr(history), users);
  assertEquals([ofUsers, ofItems, wrong].map(({ shape }) => shape), [[2, 2], [2, 2], [2, 2]]);
});

Deno.test("sampled products need their operands in the order of the pattern's axes", () => {
  sddmm(history.pattern, users, items);
  // @ts-expect-error: users come first
  sddmm(history.pattern, items, users);
});

Deno.test("gather() keeps the name of the columns", () => {
  const chosen: Matrix<Axis<"batch">, Dim> = gather(
    users,
    patternFromCoo([2, 2], [0, 1], [1, 1]) as Pattern<Axis<"batch">, Users>,
  );
  assertEquals(chosen.shape, [2, 2]);
});

Deno.test("names are optional: plain matrices are accepted everywhere, and named ones are plain", () => {
  const plain: Matrix = tensor([[1, 2], [3, 4]]);
  const bias: Vector = tensor([1, 2]);
  const sum: Matrix<Users, Dim> = add(users, plain as Matrix<Users, Dim>);
  const lost: Matrix = addRow(users as Matrix, bias);
  const turned: Matrix<Dim, Users> = transpose(users);
  const number: number = turned.shape[1];
  assertEquals([sum.shape, lost.shape, number], [[2, 2], [2, 2], 2]);
});
