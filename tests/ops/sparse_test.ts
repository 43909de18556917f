/** Tests of sparse operations beyond the catalogue: adjoints, and errors. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { vjp } from "../../src/core/autodiff.ts";
import { entries, type Pattern, patternFromCoo } from "../../src/core/pattern.ts";
import { ShapeError } from "../../src/core/shape.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { type Matrix, readSync, tensor, type Vector, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, patterns, seeds } from "../support.ts";
import { anyPattern, dot, draw, list } from "./drawn.ts";

Deno.test("spmm() agrees with a dense product, and so does spmm() of the transpose", () => {
  fc.assert(fc.property(anyPattern, fc.nat(5), seeds, (pattern, width, seed) => {
    const s: Csr = ops.csr(pattern, list(seed, entries(pattern)));
    const dense: Matrix = ops.toDense(s);
    const [x, y] = [draw(seed + 1, pattern.columns, width), draw(seed + 2, pattern.rows, width)];
    assertClose(readSync(ops.spmm(s, x)), readSync(ops.matmul(dense, x)));
    assertClose(readSync(ops.spmm(ops.transposeCsr(s), y)), readSync(ops.matmulTN(dense, y)));
  }));
});

Deno.test("spmm() and sddmm() are adjoint: ⟨S X, Y⟩ = ⟨s, sddmm(Y, X)⟩", () => {
  fc.assert(fc.property(anyPattern, fc.integer({ min: 1, max: 5 }), seeds, (pattern, width, seed) => {
    const values = list(seed, entries(pattern));
    const [x, y] = [draw(seed + 1, pattern.columns, width), draw(seed + 2, pattern.rows, width)];
    assertClose(dot(ops.spmm(ops.csr(pattern, values), x), y), dot(values, ops.sddmm(pattern, y, x)), 1e-4);
  }));
});

type Weighted = { readonly v: Vector; readonly x: Matrix };

Deno.test("propagate() is S X + α X, and its gradients agree", () => {
  const square = fc.integer({ min: 1, max: 7 }).chain((rows) => patterns(rows, rows));
  fc.assert(fc.property(square, fc.nat(5), fc.constantFrom(0, 1, -0.5, 2.25), seeds, (pattern, width, share, seed) => {
    const at: Weighted = { v: list(seed, entries(pattern)), x: draw(seed + 1, pattern.rows, width) };
    const [y, back] = vjp(({ v, x }: Weighted) => ops.propagate(ops.csr(pattern, v), x, share), at);
    const sum = ({ v, x }: Weighted) => ops.add(ops.spmm(ops.csr(pattern, v), x), ops.scale(x, share));
    const [expected, expectedBack] = vjp(sum, at);
    assertClose(readSync(y), readSync(expected));
    const g = draw(seed + 2, pattern.rows, width);
    const [actual, wanted] = [back(g), expectedBack(g)];
    assertClose(readSync(actual.v), readSync(wanted.v));
    assertClose(readSync(actual.x), readSync(wanted.x));
  }));
});

Deno.test("toDense() puts every value at its position", () => {
  const s = ops.csr(patternFromCoo([2, 3], [0, 1, 1], [2, 0, 1]), tensor([5, 1, 2]));
  assertEquals([...readSync(ops.toDense(s))], [0, 0, 5, 1, 2, 0]);
});

Deno.test("transposeCsr() twice is the same matrix, and copies nothing", () => {
  const s = ops.csr(patternFromCoo([2, 3], [0, 1], [2, 0]), tensor([5, 1]));
  const back = ops.transposeCsr(ops.transposeCsr(s));
  assert(back.pattern === s.pattern && back.values === s.values && back.transposedValues === s.transposedValues);
});

Deno.test("sparse operations refuse shapes that do not fit", () => {
  const pattern: Pattern = patternFromCoo([2, 3], [0, 1], [2, 0]);
  const s: Csr = ops.csr(pattern, tensor([1, 2]));
  const x = zeros([4, 5]) as Matrix;
  const refused: [() => unknown, string][] = [
    [
      () => ops.csr(pattern, tensor([1])),
      "Cannot make a csr of [1] and a pattern of 2 entries: one value per entry is needed",
    ],
    [() => ops.propagate(s, x, 1), "Cannot propagate along a sparse [2, 3]: it must be square"],
    [() => ops.spmm(s, x), "Cannot spmm a sparse [2, 3] by [4, 5]: inner axes must match"],
    [
      () => ops.sddmm(pattern, x, x),
      "Cannot sddmm [4, 5] and [4, 5] at a [2, 3] pattern: the rows of both must match the axes of the pattern",
    ],
  ];
  for (const [body, message] of refused) assertThrows(body, ShapeError, message);
});
