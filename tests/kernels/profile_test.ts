/** Tests of profiles: their counts, and that counting changes no result. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { type Device, type Extent, formula, type KernelName, type Storage } from "../../kernels/mod.ts";
import { addedUp, type ProfileLine, profiler } from "../../kernels/profile.ts";
import { reference, referenceDevice } from "../../kernels/reference/device.ts";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import type { Pattern } from "../../src/core/pattern.ts";
import { numbers, patterns, placed, seeds } from "../support.ts";

/** A call of a kernel on blocks of a device. */
interface Call {
  /** The detail of its line in the profile. */
  readonly detail: string;
  /** All blocks that it reads. */
  readonly reads: readonly Storage[];
  readonly run: () => Storage | readonly Storage[] | ReturnType<Device["kernels"]["topk"]>;
}

/** The parts of a call. */
interface Draw {
  readonly device: Device;
  /** Makes a block of numbers. */
  readonly make: (length: number) => Storage;
  /** At least one row and one column. */
  readonly pattern: Pattern;
  readonly inner: number;
}

const plus = formula("plus", ({ add }) => add);
const both = formula("both", () => (x, y) => [y, x], 2);
const operand = <S>(storage: S, extent: Extent) => ({ storage, extent });

/** A call of each kernel that reads all of its operands. */
const CALLS: { readonly [K in KernelName]: (draw: Draw) => Call } = {
  map: ({ device: { kernels }, make, pattern: size }) => {
    const [x, y] = [make(size.rows * size.columns), make(size.columns)];
    const operands = [operand(x, "both"), operand(y, "columns")];
    return { detail: "both", reads: [x, y], run: () => kernels.map(both, operands, [], size) };
  },
  reduce: ({ device: { kernels }, make, pattern: size }) => {
    const [x, y] = [make(size.rows * size.columns), make(size.rows)];
    const operands = [operand(x, "both"), operand(y, "rows")];
    return { detail: "max plus", reads: [x, y], run: () => kernels.reduce("max", plus, operands, [], size, "columns") };
  },
  matmul: ({ device: { kernels }, make, pattern: { rows, columns }, inner }) => {
    const reads = [make(rows * inner), make(inner * columns)] as const;
    return { detail: "nt", reads, run: () => kernels.matmul(...reads, { rows, inner, columns }, "nt") };
  },
  spmm: ({ device, make, pattern, inner }) => {
    const square = { ...pattern, columns: Math.max(pattern.rows, pattern.columns) };
    square.rows = square.columns;
    const last = pattern.indices.length;
    const offsets = Int32Array.from({ length: square.rows + 1 }, (_, r) => pattern.offsets[r] ?? last);
    const sparse = placed({ ...square, offsets }, device);
    const [values, x] = [make(last), make(square.rows * inner)];
    const reads = [sparse.offsets, sparse.indices, values, x];
    return { detail: "weighted", reads, run: () => device.kernels.spmm(sparse, values, x, inner, 1) };
  },
  sddmm: ({ device, make, pattern, inner }) => {
    const sparse = placed(pattern, device);
    const entries = pattern.indices.length;
    const [x, y] = [pattern.rows, pattern.columns].map((rows) => make(rows * inner));
    const used = [pattern.rows, pattern.columns].map((rows) => make(Math.min(rows, entries) * inner));
    const reads = [sparse.offsets, sparse.indices, ...used];
    return { detail: "", reads, run: () => device.kernels.sddmm(sparse, x, y, inner) };
  },
  segmentSoftmax: ({ device, make, pattern, inner }) => {
    const [sparse, x] = [placed(pattern, device), make(pattern.indices.length * inner)];
    return { detail: "", reads: [sparse.offsets, x], run: () => device.kernels.segmentSoftmax(sparse, x, inner) };
  },
  segmentSoftmaxMean: ({ device, make, pattern, inner }) => {
    const sparse = placed(pattern, device);
    const [scores, values] = [1, 2].map(() => make(pattern.indices.length * inner));
    const reads = [sparse.offsets, scores, values];
    return { detail: "", reads, run: () => device.kernels.segmentSoftmaxMean(sparse, scores, values, inner) };
  },
  slice: ({ device: { kernels }, make, pattern: { rows, columns } }) => {
    const x = make((rows + 1) * columns);
    const window = { rows, columns, fromRow: 1, fromColumn: 0 };
    const read = make(rows * columns);
    return { detail: "", reads: [read], run: () => kernels.slice(x, { rows: rows + 1, columns }, window) };
  },
  concat: ({ device: { kernels }, make, pattern: { rows, columns }, inner }) => {
    const reads = [make(rows * columns), make(rows * inner)];
    return { detail: "", reads, run: () => kernels.concat([reads], [rows], [columns, inner]) };
  },
  transpose: ({ device: { kernels }, make, pattern: size }) => {
    const x = make(size.rows * size.columns);
    return { detail: "", reads: [x], run: () => kernels.transpose(x, size) };
  },
  topk: ({ device, make, pattern: size }) => {
    const [x, exclude] = [make(size.rows * size.columns), placed(size, device)];
    const reads = [x, exclude.offsets, exclude.indices];
    return { detail: "", reads, run: () => device.kernels.topk(x, size, 3, exclude) };
  },
  uniforms: ({ device: { kernels }, pattern: { rows, columns } }) => ({
    detail: "",
    reads: [],
    run: () => kernels.uniforms({ high: 1, low: 2 }, rows * columns),
  }),
};

/** Returns the numbers of the results of a kernel. */
async function outcome(result: ReturnType<Call["run"]>): Promise<Float32Array[]> {
  const found = await result;
  if ("k" in found) return [found.values, Float32Array.from(found.indices)];
  return await Promise.all([found].flat().map((block) => block.device.read(block)));
}

const shapes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([rows, columns]) => patterns(rows, columns));
const inners = fc.integer({ min: 1, max: 9 });

for (const [name, call] of Object.entries(CALLS)) {
  Deno.test(`a profile of ${name} counts calls, time and bytes, and changes no result`, () =>
    fc.assert(
      fc.asyncProperty(shapes, inners, seeds, fc.integer({ min: 1, max: 3 }), async (pattern, inner, seed, calls) => {
        let time = 0;
        const { instrument, take } = profiler(() => time += 5);
        const [plain, counted] = [wasmDevice({ threads: 1 }), wasmDevice({ threads: 1, instrument })].map((device) =>
          call({ device, make: (length) => device.upload(numbers(seed, length)), pattern, inner })
        );
        const expected = await outcome(plain.run());
        for (let n = 0; n < calls; n++) assertEquals(await outcome(counted.run()), expected);
        const [line, ...others] = take();
        assertEquals(others, []);
        const { kernel, detail, milliseconds, bytes } = line;
        assertEquals([kernel, detail, line.calls, milliseconds], [name, plain.detail, calls, 5 * calls]);
        const moved = [...plain.reads, ...expected].reduce((sum, { length }) => sum + length, 0);
        assertEquals(bytes, 4 * moved * calls);
        assertEquals(take(), []);
      }),
      { numRuns: 20 },
    ));
}

Deno.test("a profile counts two operations for every product that is added up", () =>
  fc.assert(fc.asyncProperty(shapes, inners, async (pattern, inner) => {
    const { instrument, take } = profiler(() => 0);
    const device = referenceDevice({ instrument });
    // Where all operands are ones, every product adds one to the sum of the results.
    const make = (length: number) => device.upload(new Float32Array(length).fill(1));
    for (const call of [CALLS.matmul, CALLS.spmm, CALLS.sddmm]) {
      const results = await outcome(call({ device, make, pattern, inner }).run());
      assertEquals(take().map(({ flops }) => flops), [2 * results[0].reduce((sum, x) => sum + x, 0)]);
    }
    const sparse = placed(pattern, device);
    device.kernels.spmm(sparse, null, make(pattern.columns * inner), inner, 0);
    assertEquals(take().map(({ detail, flops }) => [detail, flops]), [["of ones", null]]);
  })));

Deno.test("a profile counts no bytes for rows that are not selected", () => {
  const { instrument, take } = profiler(() => 0);
  const device = referenceDevice({ instrument });
  const choice = placed(
    { rows: 2, columns: 100, offsets: Int32Array.of(0, 1, 2), indices: Int32Array.of(7, 9) },
    device,
  );
  device.kernels.spmm(choice, null, device.upload(new Float32Array(300)), 3, 0);
  assertEquals(take()[0].bytes, 4 * (3 + 2 + 2 * 3 + 2 * 3));
});

Deno.test("a profile has a line per formula and form, the longest time first", () => {
  let [time, pace] = [0, 1];
  const { instrument, take } = profiler(() => time += pace);
  const { kernels, upload } = referenceDevice({ instrument });
  const size = { rows: 1, columns: 1 };
  const x = upload([1]);
  const map = (f: typeof plus) => kernels.map(f, [operand(x, "both"), operand(x, "both")], [], size);
  map(plus);
  pace = 7;
  map(both);
  pace = 2;
  for (const form of ["nn", "tn", "nn"] as const) kernels.matmul(x, x, { ...size, inner: 1 }, form);
  assertEquals(take().map(({ kernel, detail, calls, milliseconds }) => [kernel, detail, calls, milliseconds]), [
    ["map", "both", 1, 7],
    ["matmul", "nn", 2, 4],
    ["matmul", "tn", 1, 2],
    ["map", "plus", 1, 1],
  ]);
});

Deno.test("a profile leaves out a call that fails", () => {
  const { instrument, take } = profiler(() => 0);
  const fail = () => {
    throw new ValueError("no room");
  };
  const kernels = instrument({ ...reference.kernels, transpose: fail }, () => reference);
  assertThrows(() => kernels.transpose(reference.upload([]), { rows: 0, columns: 0 }), ValueError, "no room");
  assertEquals(take(), []);
});

Deno.test("addedUp() of sums of parts is the sum of the whole", () => {
  const lines = fc.array(
    fc.record({
      kernel: fc.constantFrom<KernelName>("map", "spmm"),
      detail: fc.constantFrom("a", "b"),
      calls: fc.nat(9),
      milliseconds: fc.nat(99),
      flops: fc.nat(999),
      bytes: fc.nat(999),
    }),
  );
  const inOrder = (sums: ProfileLine[]) =>
    sums.toSorted((a, b) => `${a.kernel} ${a.detail}` < `${b.kernel} ${b.detail}` ? -1 : 1);
  fc.assert(fc.property(lines, lines, (some, others) => {
    const whole = addedUp([...some, ...others]);
    assert(whole.every(({ milliseconds }, n) => n === 0 || milliseconds <= whole[n - 1].milliseconds));
    assertEquals(inOrder(addedUp([...addedUp(some), ...addedUp(others)])), inOrder(whole));
  }));
});
