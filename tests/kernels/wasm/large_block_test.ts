/**
 * Tests of kernels on blocks of more than 4 GiB, where distances within one block need more than 32 bits. Only the last
 * iterations run, so that almost no memory is touched: kernels treat rows alike, so the last rows of a large result
 * have the bits of a small result.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { type Extent, formula, type Kernels, reference, type Sparse } from "../../../kernels/mod.ts";
import { extentLength } from "../../../kernels/device.ts";
import { encrypt } from "../../../kernels/reference/random.ts";
import { technologyOf } from "../../../kernels/native/device.ts";
import { kernelsOf, type Technology } from "../../../kernels/wasm/device.ts";
import { type Heap, heap } from "../../../kernels/wasm/memory.ts";
import { type Pool, pool, SCRATCH } from "../../../kernels/wasm/pool.ts";
import { type Engine, routines, type WasmStorage } from "../../../kernels/wasm/storage.ts";
import { key } from "../../../src/core/random.ts";
import { sets } from "../native/support.ts";
import { reaches } from "./guarded.ts";
import { noise } from "./work.ts";

/** The rows that are computed, of a few or of many. */
const LAST = 64;
const COLUMNS = 1024;
/** Rows of 4 KiB that take 4 GiB and a little more. */
const MANY = 2 ** 20 + LAST;
/** Columns of a matrix of eight rows that take as much. */
const WIDE = 2 ** 27 + LAST;

/** Kernels of which every routine runs only its last iterations, and blocks for them. */
interface Place {
  readonly kernels: Kernels<WasmStorage>;
  readonly allocate: Engine["allocate"];
  /** Returns a block of this length that ends with these numbers. */
  readonly ending: (values: ArrayLike<number>, length?: number) => WasmStorage;
  /** Returns the same, of whole numbers. */
  readonly integers: (values: ArrayLike<number>, length?: number) => WasmStorage;
}

function place(memory: Heap, technology?: Technology): Place {
  const scratch = memory.allocate(SCRATCH);
  const allocate: Engine["allocate"] = (length) => {
    const address = memory.allocate(4 * length);
    const at = [memory.memory.buffer, address, length] as const;
    const [floats, integers] = [new Float32Array(...at), new Int32Array(...at)];
    return { device: reference, length, address, floats, integers, freed: false };
  };
  const last: Pool = {
    ...pool(memory, 1),
    run: ({ run }, count, _, args) => run(Math.max(0, count - LAST), count, scratch, ...args),
  };
  const putting = (as: "floats" | "integers"): Place["ending"] => (values, length = values.length) => {
    const block = allocate(length);
    block[as].set(values, length - values.length);
    return block;
  };
  const engine: Engine = { allocate, threads: 1, parallelFor: routines(memory, last) };
  const wasm = kernelsOf(engine);
  const kernels = { ...wasm, ...technology?.kernels(wasm, engine, memory, last) };
  return { kernels, allocate, ending: putting("floats"), integers: putting("integers") };
}

/** Computes a result from a matrix with this many rows, of which the last are the same numbers for every count. */
type Run = (place: Place, rows: number) => WasmStorage;

const blend = formula("blend", ({ fma }) => (a, b, s) => fma(a, s, b));
/** The last rows of a matrix. */
const matrix = ({ ending }: Place, rows: number, columns = COLUMNS, seed = 1) =>
  ending(noise(seed, LAST * columns), rows * columns);
const operands = (place: Place, rows: number, extents: readonly Extent[]) =>
  extents.map((extent, n) => {
    const length = extentLength(extent, { rows, columns: COLUMNS });
    return { storage: place.ending(noise(n, Math.min(length, LAST * COLUMNS)), length), extent };
  });
const reducing = (keep: "rows" | "columns" | "none"): Run => (place, rows) =>
  place.kernels.reduce("sum", blend, operands(place, rows, ["both", "both"]), [0.5], { rows, columns: COLUMNS }, keep);

/** A square pattern: of the last rows, each has one entry, in one of the last columns. */
function chain(place: Place, rows: number): Sparse<WasmStorage> {
  const indices = Array.from({ length: LAST }, (_, e) => rows - 1 - e);
  const offsets = Array.from({ length: LAST + 1 }, (_, row) => row);
  return {
    rows,
    columns: rows,
    entries: LAST,
    offsets: place.integers(offsets, rows + 1),
    indices: place.integers(indices),
  };
}

/** A pattern of eight rows, with eight entries each, after `rows` − 64 entries that belong to no row. */
function segments(place: Place, rows: number): Sparse<WasmStorage> {
  const offsets = place.integers(Array.from({ length: 9 }, (_, row) => rows - LAST + 8 * row));
  return { rows: 8, columns: 1, entries: rows, offsets, indices: offsets };
}

const kinds: Readonly<Record<string, Run>> = {
  "map() of whole operands": (place, rows) =>
    place.kernels.map(blend, operands(place, rows, ["both", "both"]), [0.5], { rows, columns: COLUMNS })[0],
  "map() of operands that repeat": (place, rows) =>
    place.kernels.map(blend, operands(place, rows, ["both", "columns"]), [0.5], { rows, columns: COLUMNS })[0],
  "reduce() to rows": reducing("rows"),
  "reduce() to columns": reducing("columns"),
  "reduce() to none": reducing("none"),
  "slice()": (place, rows) => {
    const window = { rows: 9, columns: 70, fromRow: rows - 9, fromColumn: 3 };
    return place.kernels.slice(matrix(place, rows), { rows, columns: COLUMNS }, window);
  },
  "concat()": (place, rows) =>
    place.kernels.concat(
      [[place.allocate((rows - LAST) * COLUMNS)], [matrix(place, LAST)]],
      [rows - LAST, LAST],
      [COLUMNS],
    ),
  "spmm()": (place, rows) => {
    const values = place.ending(noise(3, LAST));
    return place.kernels.spmm(chain(place, rows), values, matrix(place, rows), COLUMNS, 0.5);
  },
  "sddmm()": (place, rows) => {
    const x = matrix(place, rows);
    return place.kernels.sddmm(chain(place, rows), x, x, COLUMNS);
  },
  "segmentSoftmax()": (place, rows) =>
    place.kernels.segmentSoftmax(segments(place, rows), matrix(place, rows), COLUMNS),
  "segmentSoftmaxMean()": (place, rows) => {
    const [scores, values] = [1, 2].map((seed) => matrix(place, rows, COLUMNS, seed));
    return place.kernels.segmentSoftmaxMean(segments(place, rows), scores, values, COLUMNS);
  },
  "matmul() of form nn, with a long first operand": (place, rows) => {
    const b = place.ending(noise(2, COLUMNS * 8));
    return place.kernels.matmul(matrix(place, rows), b, { rows, inner: COLUMNS, columns: 8 }, "nn");
  },
  "matmul() of form nn, with a long result": (place, rows) => {
    const b = place.ending(noise(2, 8 * COLUMNS));
    return place.kernels.matmul(matrix(place, rows, 8), b, { rows, inner: 8, columns: COLUMNS }, "nn");
  },
  "matmul() of form nt, with a long second operand": (place, rows) => {
    const a = place.ending(noise(2, 8 * COLUMNS));
    return place.kernels.matmul(a, matrix(place, rows), { rows: 8, inner: COLUMNS, columns: rows }, "nt");
  },
};

/** Computes a result from a matrix of eight rows with this many columns. */
const wideKinds: Readonly<Record<string, Run>> = {
  "transpose()": (place, columns) => place.kernels.transpose(wide(place, columns), { rows: 8, columns }),
  "matmul() of form tn": (place, columns) => {
    const b = place.ending(noise(2, 64));
    return place.kernels.matmul(wide(place, columns), b, { rows: columns, inner: 8, columns: 8 }, "tn");
  },
};

/** A matrix of eight rows, in each of which the last columns are given. */
function wide({ allocate }: Place, columns: number): WasmStorage {
  const x = allocate(8 * columns);
  for (let row = 0; row < 8; row++) x.floats.set(noise(row, LAST), (row + 1) * columns - LAST);
  return x;
}

const ignore = !reaches(14 * 2 ** 30);
const all = [...Object.entries(kinds).map((kind) => [...kind, MANY] as const)]
  .concat(Object.entries(wideKinds).map((kind) => [...kind, WIDE] as const));
const technologies = [
  ["WebAssembly", undefined],
  ...sets.slice(-1).map((set) => [set, technologyOf(set)] as const),
] as const;
for (const [title, technology] of technologies) {
  for (const [name, run, rows] of all) {
    Deno.test(`${name} is right beyond 4 GiB of a block, by ${title}`, { ignore }, () => {
      const last = ({ integers }: WasmStorage) => integers.slice(-LAST);
      const expected = last(run(place(heap("i32"), technology), LAST));
      assert(expected.some((bits) => bits !== 0));
      assertEquals(last(run(place(heap("i64"), technology), rows)), expected);
    });
  }
}

Deno.test("uniforms() is right beyond 4 GiB of a block", { ignore }, () => {
  const count = MANY * COLUMNS;
  const { floats } = place(heap("i64")).kernels.uniforms(key(1), count);
  const words = encrypt(key(1), 0, (count - LAST) / 2, new Uint32Array(LAST));
  assertEquals(floats.slice(-LAST), Float32Array.from(words, (word) => (word >>> 8) * 2 ** -24));
});

Deno.test("topk() is right beyond 4 GiB of a block", { ignore }, async () => {
  const best = async (memory: Heap, rows: number) => {
    const at = place(memory);
    const { indices, values } = await at.kernels.topk(matrix(at, rows), { rows, columns: COLUMNS }, 4, null);
    return [indices.slice(-4 * LAST), values.slice(-4 * LAST)];
  };
  assertEquals(await best(heap("i64"), MANY), await best(heap("i32"), LAST));
});
