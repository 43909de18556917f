/** Tests of sparse patterns. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import {
  degree,
  entries,
  hasEntry,
  type Pattern,
  patternFromCoo,
  patternFromCsr,
  rowIndices,
  rowOf,
  rowSelector,
  takeRows,
  transposed,
} from "../../src/core/pattern.ts";
import { patterns } from "../support.ts";

const anyPattern = fc.tuple(fc.nat(8), fc.nat(8)).chain(([rows, columns]) => patterns(rows, columns));

/** Returns the positions of the entries in order, as texts. */
function places(of: Pattern): string[] {
  const rows = rowIndices(of);
  return Array.from(of.indices, (column, e) => `${rows[e]},${column}`);
}

Deno.test("patternFromCoo() stores every position once, rows and columns ascending", () => {
  const position = fc.tuple(fc.nat(4), fc.nat(6));
  fc.assert(fc.property(fc.array(position, { maxLength: 60, size: "max" }), (positions) => {
    const made = patternFromCoo([5, 7], positions.map(([r]) => r), positions.map(([, c]) => c));
    assertEquals(places(made), [...new Set(positions.map(([r, c]) => `${r},${c}`))].sort());
    assertEquals(patternFromCsr([5, 7], made.offsets, made.indices), made);
  }));
});

Deno.test("patternFromCoo() sorts columns as numbers, not as texts", () => {
  assertEquals([...patternFromCoo([1, 200], [0, 0, 0, 0], [100, 9, 20, 9]).indices], [9, 20, 100]);
});

Deno.test("patternFromCoo() refuses positions outside the shape", () => {
  for (const [r, c] of [[2, 0], [0, 3], [-1, 0], [0, -1], [NaN, 0]]) {
    const message = `Cannot make a [2, 3] pattern: the entry at [${r}, ${c}] is outside`;
    assertThrows(() => patternFromCoo([2, 3], [0, r], [0, c]), ValueError, message);
  }
});

Deno.test("patternFromCsr() refuses offsets and columns that do not fit together", () => {
  const refused: [number[], number[], string][] = [
    [[0, 1], [0], "expected 3 offsets, found 2"],
    [[1, 1, 1], [0], "offsets must run from 0 to the entry count"],
    [[0, 1, 2], [0], "offsets must run from 0 to the entry count"],
    [[0, 2, 1], [0], "offsets descend at row 1"],
    [[0, 1, 2], [0, 3], "entry 1 is in column 3"],
    [[0, 1, 2], [-1, 0], "entry 0 is in column -1"],
  ];
  for (const [offsets, indices, rule] of refused) {
    assertThrows(
      () => patternFromCsr([2, 3], Int32Array.from(offsets), Int32Array.from(indices)),
      ValueError,
      `Cannot make a [2, 3] pattern: ${rule}`,
    );
  }
});

Deno.test("rowOf(), degree(), rowIndices() and entries() agree", () => {
  fc.assert(fc.property(anyPattern, (of) => {
    const rows = Array.from({ length: of.rows }, (_, r) => rowOf(of, r));
    assertEquals(rows.map((row) => row.length), Array.from(rows, (_, r) => degree(of, r)));
    assertEquals(rows.flatMap((row) => [...row]), [...of.indices]);
    assertEquals(rows.flatMap((row, r) => Array(row.length).fill(r)), [...rowIndices(of)]);
    assertEquals(entries(of), of.indices.length);
  }));
});

Deno.test("transposed() swaps rows and columns, and gives the original position of each entry", () => {
  fc.assert(fc.property(anyPattern, (of) => {
    const { pattern: flipped, order } = transposed(of);
    const original = places(of);
    assertEquals([flipped.rows, flipped.columns], [of.columns, of.rows]);
    assertEquals(places(flipped), original.map((place) => place.split(",").reverse().join()).sort());
    assertEquals(places(flipped), Array.from(order, (e) => original[e].split(",").reverse().join()));
  }));
});

Deno.test("transposed() of transposed() is the original object, and a second call returns the first result", () => {
  fc.assert(fc.property(anyPattern, (of) => {
    const once = transposed(of);
    const twice = transposed(once.pattern);
    assert(twice.pattern === of && transposed(of).pattern === once.pattern);
    assertEquals(Array.from(once.order, (e) => twice.order[e]), [...once.order.keys()]);
  }));
});

Deno.test("hasEntry() finds exactly the stored entries", () => {
  fc.assert(fc.property(anyPattern, (of) => {
    const stored = new Set(places(of));
    for (let r = 0; r < of.rows; r++) {
      for (let c = 0; c < of.columns; c++) assertEquals(hasEntry(of, r, c), stored.has(`${r},${c}`));
    }
  }));
});

Deno.test("takeRows() takes rows in any order, also more than once", () => {
  const cases = anyPattern.chain((of) => fc.tuple(fc.constant(of), fc.array(fc.nat(Math.max(0, of.rows - 1)))));
  fc.assert(fc.property(cases, ([of, listed]) => {
    const rows = of.rows === 0 ? [] : listed;
    const taken = takeRows(of, rows);
    assertEquals([taken.rows, taken.columns], [rows.length, of.columns]);
    rows.forEach((row, r) => assertEquals([...rowOf(taken, r)], [...rowOf(of, row)]));
  }));
});

Deno.test("takeRows() refuses rows that do not exist", () => {
  const of = patternFromCoo([2, 3], [0], [1]);
  for (const row of [2, -1]) {
    assertThrows(() => takeRows(of, [0, row]), ValueError, `Cannot take row ${row} of a [2, 3] pattern`);
  }
});

Deno.test("rowSelector() has one entry per row, and refuses an index out of range", () => {
  const choice = rowSelector(Int32Array.of(2, 0, 2), 3);
  assertEquals(places(choice), ["0,2", "1,0", "2,2"]);
  assertThrows(
    () => rowSelector(Int32Array.of(3), 3),
    ValueError,
    "Cannot make a [1, 3] pattern: entry 0 is in column 3",
  );
});
