/** Tests of programs, and of limits of gpu.js that they work around. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../../fc.ts";
import { gridOf, program } from "../../../kernels/gpu/program.ts";
import { formula } from "../../../kernels/mod.ts";
import { gpuTest } from "../../gpu.ts";

Deno.test("program() names its arguments in order, with their types", () => {
  const { source, types } = program("p", {
    blocks: ["x"],
    whole: ["n"],
    real: ["s"],
    grid: true,
    body: "return x[0];",
  });
  assertEquals(source, "function (x, n, height, s) {\nreturn x[0];\n}");
  assertEquals(types, ["WebGPUBuffer", "Integer", "Integer", "Float"]);
});

Deno.test("a grid has a thread for every row, few superfluous threads, and no axis longer than GPUs allow", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 24 }), fc.integer({ min: 1, max: 4096 }), (rows, columns) => {
    const [x, height, slabs] = gridOf(rows, columns);
    assertEquals(x, columns);
    assert(height * slabs >= rows && height * slabs < rows + slabs && height / 8 <= 65_535);
  }));
});

gpuTest("a grid may have more rows than one axis of threads", async (device) => {
  const size = { rows: 600_001, columns: 2 };
  const below = formula("below", ({ add }) => (a, b) => add(a, b));
  const [row, column] = [device.upload(Float32Array.from({ length: size.rows }, (_, r) => r)), device.upload([0, 0.5])];
  const operands = [{ storage: row, extent: "rows" }, { storage: column, extent: "columns" }] as const;
  const [y] = device.kernels.map(below, operands, [], size);
  const values = await device.read(y);
  assertEquals(values.length, 1_200_002);
  assert(values.every((value, n) => value === Math.floor(n / 2) + n % 2 / 2));
  [row, column, y].forEach(device.free);
});

gpuTest("positions beyond 2²⁴ are read", async (device) => {
  const [rows, columns] = [4100, 4100];
  const half = formula("with its column", ({ add }) => (a, b) => add(a, b));
  const zeros = device.upload(new Float32Array(rows * columns));
  const numbered = device.upload(Float32Array.from({ length: rows }, (_, n) => n));
  const operands = [{ storage: zeros, extent: "both" }, { storage: numbered, extent: "rows" }] as const;
  const [matrix] = device.kernels.map(half, operands, [], { rows, columns });
  const window = { fromRow: rows - 2, fromColumn: columns - 1, rows: 2, columns: 1 };
  const corner = device.kernels.slice(matrix, { rows, columns }, window);
  assertEquals([...await device.read(corner)], [4098, 4099]);
  const flat = device.kernels.map(formula("twice", ({ add }) => (a) => add(a, a)), [operands[0]], [], {
    rows,
    columns,
  });
  const largest = device.kernels.reduce(
    "max",
    formula("same", () => (a) => a),
    [{ storage: matrix, extent: "both" }],
    [],
    {
      rows,
      columns,
    },
    "none",
  );
  assertEquals([...await device.read(largest)], [4099]);
  [zeros, numbered, matrix, corner, largest, ...flat].forEach(device.free);
});

gpuTest("a device names the mode in which gpu.js ran", (device) => {
  assertEquals(device.adapter.mode, "webgpu");
  return Promise.resolve();
});
