/** Tests of the largest elements of each row. `tests/kernels/topk_test.ts` tests the kernel itself. @module */
import { KindError, ValueError } from "../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { type Pattern, patternFromCoo, rowOf } from "../../src/core/pattern.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, type Matrix, readSync, tensor, zeros } from "../../src/core/tensor.ts";
import { topK } from "../../src/ops/mod.ts";
import { numbers, patterns, seeds } from "../support.ts";

Deno.test("topK() is the head of the sorted row without the excluded entries", async () => {
  const cases = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 }))
    .chain(([rows, columns]) => fc.tuple(patterns(rows, columns), fc.integer({ min: 1, max: 11 }), seeds));
  await fc.assert(fc.asyncProperty(cases, async ([exclude, k, seed]) => {
    const { rows, columns } = exclude;
    const x: Matrix = fromArray(numbers(seed, rows * columns), [rows, columns]);
    const { indices, values } = await topK(x, k, { exclude });
    for (let r = 0; r < rows; r++) {
      const row = readSync(x).subarray(r * columns, (r + 1) * columns);
      const allowed = [...row.keys()].filter((c) => !rowOf(exclude, r).includes(c)).sort((a, b) => row[b] - row[a]);
      const expected = Array.from({ length: k }, (_, rank) => allowed[rank] ?? -1);
      assertEquals([...indices.subarray(r * k, (r + 1) * k)], expected);
      assertEquals([...values.subarray(r * k, (r + 1) * k)], expected.map((c) => c < 0 ? -Infinity : row[c]));
    }
  }));
});

Deno.test("topK() excludes nothing by default", async () => {
  assertEquals([...(await topK(tensor([[1, 3, 2]]), 2)).indices], [1, 2]);
});

Deno.test("topK() refuses a pattern of another shape, a wrong count, and a freed tensor", () => {
  const x: Matrix = zeros([2, 3]);
  const exclude: Pattern = patternFromCoo([3, 2], [], []);
  assertThrows(
    () => topK(x, 1, { exclude }),
    ShapeError,
    "Cannot topK of [2, 3] and exclude a [3, 2] pattern: shapes must match",
  );
  for (const k of [-1, 1.5, NaN]) {
    assertThrows(() => topK(x, k), ValueError, `Cannot topK with k = ${k}: k is a whole number from 0`);
  }
  x.storage.device.free(x.storage);
  assertThrows(() => topK(x, 1), KindError, "Cannot topK a freed tensor of shape [2, 3]");
});
