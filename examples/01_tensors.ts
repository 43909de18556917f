/**
 * Tensors: creating, computing, reading, and errors.
 *
 * Run it with `deno run -A examples/01_tensors.ts`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { ShapeError } from "../kernels/mod.ts";
import { type Axis, type Matrix, patternFromCoo, print, read, scope, tensor, zeros } from "../src/core/mod.ts";
import { addRow, csr, matmul, rowSums, spmm } from "../src/ops/mod.ts";

// A tensor is an immutable handle to numbers on a device. Operations are functions and return new tensors.
const x = tensor([[1, 2], [3, 4], [5, 6]]);
const w = tensor([[1, 0, 1], [0, 1, 1]]);
const y = addRow(matmul(x, w), tensor([10, 20, 30]));
console.log("x w + b =", await print(y, { digits: 0 }));

// Reading is explicit, and returns a copy: a tensor cannot be changed through it.
const numbers = await read(rowSums(y));
numbers[0] = -1;
console.log("row sums:", await print(rowSums(y), { digits: 0 }));

// Shapes are checked before any arithmetic. There is no implicit broadcasting.
try {
  matmul(x, x);
} catch (error) {
  if (error instanceof ShapeError) console.log("refused:", error.message);
}

// An axis may carry a name in its type. At run time it is a number; the compiler refuses to mix painters and motifs.
type Painters = Axis<"painters">;
type Motifs = Axis<"motifs">;
const painters: Matrix<Painters, number> = zeros([3, 2]);
const motifs: Matrix<Motifs, number> = zeros([4, 2]);

// A sparse matrix is a pattern, the positions of its entries, and their values: here, the number of paintings of a
// motif by a painter.
const painted = csr(
  patternFromCoo<Painters, Motifs>([3, 4], [0, 0, 1, 2], [0, 3, 1, 3]),
  tensor([30, 12, 7, 250]),
);
console.log("painted × motifs:", spmm(painted, motifs).shape);
// @ts-expect-error: the columns of `painted` are motifs, not painters, so this does not compile
export const mixedUp = (): unknown => spmm(painted, painters);

// A scope frees the tensors made inside it when it ends, except those it returns.
const kept = scope(() => {
  const temporary = matmul(x, w);
  return rowSums(temporary);
});
console.log("kept:", await print(kept, { digits: 0 }));
