/** Tests of sparse matrices without some entries: each is the matrix of a graph that never had them. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { ValueError } from "../../kernels/errors.ts";
import { entries, hasEntry, type Pattern, patternFromCoo, rowIndices, transposed } from "../../src/core/pattern.ts";
import { range } from "../../src/core/range.ts";
import { choose, foldIn, key } from "../../src/core/random.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { ones, readSync } from "../../src/core/tensor.ts";
import { bipartite, symmetricAdjacency, walkAdjacency } from "../../src/data/graph.ts";
import { csr, dropEntries, leaveOut, toDense, transposeCsr } from "../../src/ops/mod.ts";
import { assertClose, devices, seeds } from "../support.ts";
import { anyPattern, list } from "./drawn.ts";

const weighed = (pattern: Pattern, seed: number): Csr => csr(pattern, list(seed, entries(pattern)));
const numbersOf = (matrix: Csr): Float32Array => readSync(toDense(matrix));

/** Returns a half of the interactions of a history, and the history without them. */
function halved(history: Pattern, seed: number): readonly [left: { rows: number[]; columns: number[] }, kept: Pattern] {
  const rows = rowIndices(history);
  const order = [...choose(key(seed), entries(history))];
  const [out, stay] = [order.slice(0, order.length / 2), order.slice(order.length / 2)];
  const at = (part: number[]) => ({ rows: part.map((e) => rows[e]), columns: part.map((e) => history.indices[e]) });
  const kept = at(stay);
  return [at(out), patternFromCoo([history.rows, history.columns], kept.rows, kept.columns)];
}

Deno.test("leaveOut() has zeros at the listed positions, and the values elsewhere", () => {
  fc.assert(fc.property(anyPattern, seeds, (pattern, seed) => {
    const matrix = weighed(pattern, seed);
    const [left, kept] = halved(pattern, seed);
    const expected = numbersOf(matrix).map((x, cell) =>
      hasEntry(kept, Math.floor(cell / pattern.columns), cell % pattern.columns) ? x : 0
    );
    const found = leaveOut(matrix, left);
    assertEquals(numbersOf(found), expected);
    assert(found.pattern === matrix.pattern);
  }));
});

for (
  const [name, adjacency, renormalize] of [
    ["symmetricAdjacency", symmetricAdjacency, "symmetric"],
    ["walkAdjacency", walkAdjacency, "rows"],
  ] as const
) {
  for (const self of [false, true]) {
    Deno.test(`leaveOut() of ${name}()${self ? " with self" : ""} is the graph of the other interactions`, () => {
      fc.assert(fc.property(anyPattern, seeds, (history, seed) => {
        const [{ rows, columns }, kept] = halved(history, seed);
        const positions = { rows, columns: columns.map((item) => item + history.rows) };
        const found = leaveOut(adjacency(history, { self }), positions, { mirrored: true, renormalize });
        assertClose(numbersOf(found), numbersOf(adjacency(kept, { self })), 1e-6);
        assertClose(numbersOf(transposeCsr(found)), numbersOf(transposeCsr(adjacency(kept, { self }))), 1e-6);
      }));
    });
  }
}

Deno.test("dropEntries() with mirrors keeps a symmetric matrix symmetric, and drops both directions of an edge", () => {
  fc.assert(fc.property(anyPattern, seeds, fc.constantFrom(0, 0.3, 0.9), (history, seed, rate) => {
    const graph = symmetricAdjacency(history);
    for (const renormalize of ["none", "symmetric"] as const) {
      const found = dropEntries(key(seed), graph, rate, { mirrored: true, renormalize });
      assertEquals(readSync(found.values), readSync(found.transposedValues));
    }
  }));
});

Deno.test("dropEntries() drops its share of entries, and keeps the expectation of the others", () => {
  const pattern = bipartite(
    patternFromCoo([60, 60], range(3600).map((n) => n / 60 | 0), range(3600).map((n) => n % 60)),
  );
  const graph = csr(pattern, ones([entries(pattern)]));
  for (const mirrored of [false, true]) {
    const kept = readSync(dropEntries(key(1), graph, 0.25, { mirrored }).values);
    assertEquals(new Set(kept), new Set([0, Math.fround(1 / 0.75)]));
    const share = kept.filter((x) => x === 0).length / kept.length;
    assert(Math.abs(share - 0.25) < 5 * Math.sqrt(0.1875 / 3600), `${share} was dropped`);
    const { order } = transposed(pattern);
    assertEquals(kept.every((x, e) => x === kept[order[e]]), mirrored);
  }
});

Deno.test("dropEntries() with a normalisation is the graph of the entries that stay", () => {
  fc.assert(fc.property(anyPattern, seeds, (history, seed) => {
    const graph = symmetricAdjacency(history);
    const found = dropEntries(key(seed), graph, 0.5, { mirrored: true, renormalize: "symmetric" });
    const stay = range(entries(history)).filter((e) => readSync(found.values)[e] !== 0);
    const rows = rowIndices(history);
    const kept = patternFromCoo(
      [history.rows, history.columns],
      Array.from(stay, (e) => rows[e]),
      Array.from(stay, (e) => history.indices[e]),
    );
    assertClose(numbersOf(found), numbersOf(symmetricAdjacency(kept)), 1e-6);
  }));
});

Deno.test("dropEntries() draws the same entries for the same key on every device, others for other keys", async () => {
  const history = patternFromCoo([20, 20], range(400).map((n) => n / 20 | 0), range(400).map((n) => n % 20));
  const drawn = (n: number, device = devices[0]) =>
    device.read(dropEntries(foldIn(key(1), n), symmetricAdjacency(history, { device }), 0.5).values.storage);
  const zeros = (values: Float32Array) => values.map((x) => x === 0 ? 1 : 0);
  const expected = zeros(await drawn(0));
  for (const device of devices) assertEquals(zeros(await drawn(0, device)), expected);
  assert(expected.join() !== zeros(await drawn(1)).join());
});

Deno.test("leaveOut() and dropEntries() refuse positions outside, rates out of range, and mirrors that do not exist", () => {
  const matrix = weighed(patternFromCoo([2, 3], [0, 1], [2, 0]), 1);
  const outside = "Cannot leaveOut [0, 3] of a sparse [2, 3]: it is outside";
  assertThrows(() => leaveOut(matrix, { rows: [0], columns: [3] }), ValueError, outside);
  assertThrows(() => leaveOut(matrix, { rows: [0], columns: [] }), ValueError, "one column for each row is needed");
  const square = "Cannot leaveOut mirrored positions of a sparse [2, 3]: it must be square";
  assertThrows(() => leaveOut(matrix, { rows: [0], columns: [2] }, { mirrored: true }), ValueError, square);
  for (const rate of [-0.1, 1, NaN]) {
    const message = `Cannot dropEntries at the rate ${rate}: it must be in [0, 1)`;
    assertThrows(() => dropEntries(key(1), matrix, rate), ValueError, message);
  }
  const lopsided = weighed(patternFromCoo([2, 2], [0], [1]), 1);
  const mirror = "Cannot dropEntries of a pattern of [2, 2] with its mirror images: it must be symmetric";
  assertThrows(() => dropEntries(key(1), lopsided, 0.5, { mirrored: true }), ValueError, mirror);
});
