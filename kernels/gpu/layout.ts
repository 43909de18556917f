/**
 * Kernels that move numbers and compute none: slice, concat, transpose.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { COLUMN, program, ROW } from "./program.ts";
import type { GpuEngine, GpuStorage } from "./storage.ts";

const SLICE = program("slice", {
  blocks: ["x"],
  whole: ["fromRow", "fromColumn"],
  grid: true,
  body: `return x[${ROW} + fromRow][${COLUMN} + fromColumn];`,
});

const TRANSPOSE = program("transpose", { blocks: ["x"], grid: true, body: `return x[${COLUMN}][${ROW}];` });

const CONCAT_ROWS = program("concat rows", {
  blocks: ["x", "y"],
  whole: ["split"],
  grid: true,
  body: `if (${ROW} < split) { return x[${ROW}][${COLUMN}]; }\nreturn y[${ROW} - split][${COLUMN}];`,
});

const CONCAT_COLUMNS = program("concat columns", {
  blocks: ["x", "y"],
  whole: ["split"],
  grid: true,
  body: `if (${COLUMN} < split) { return x[${ROW}][${COLUMN}]; }\nreturn y[${ROW}][${COLUMN} - split];`,
});

/** See {@link Kernels.slice}. */
export function slice({ run }: Pick<GpuEngine, "run">): Kernels<GpuStorage>["slice"] {
  return (x, { columns }, { fromRow, fromColumn, ...window }) =>
    run(SLICE, [{ block: x, columns }], [fromRow, fromColumn], window);
}

/** See {@link Kernels.transpose}. */
export function transpose({ run }: Pick<GpuEngine, "run">): Kernels<GpuStorage>["transpose"] {
  return (x, { rows, columns }) => run(TRANSPOSE, [{ block: x, columns }], [], { rows: columns, columns: rows });
}

/** See {@link Kernels.concat}. */
export function concat({ run, release }: GpuEngine): Kernels<GpuStorage>["concat"] {
  /** Joins blocks two by two, and frees intermediate results. */
  const joined = (blocks: readonly GpuStorage[], join: (x: GpuStorage, y: GpuStorage, n: number) => GpuStorage) =>
    blocks.slice(1).reduce((x, y, n) => {
      const out = join(x, y, n + 1);
      if (n > 0) release(x);
      return out;
    }, blocks[0]);
  const total = (lengths: readonly number[]) => lengths.reduce((sum, length) => sum + length, 0);
  return (grid, heights, widths) => {
    const lines = grid.map((line, r) =>
      joined(line, (x, y, n) => {
        const [split, width] = [total(widths.slice(0, n)), widths[n]];
        const size = { rows: heights[r], columns: split + width };
        return run(CONCAT_COLUMNS, [{ block: x, columns: split }, { block: y, columns: width }], [split], size);
      })
    );
    const columns = total(widths);
    const out = joined(lines, (x, y, n) => {
      const split = total(heights.slice(0, n));
      const size = { rows: split + heights[n], columns };
      return run(CONCAT_ROWS, [{ block: x, columns }, { block: y, columns }], [split], size);
    });
    if (widths.length > 1 && heights.length > 1) lines.forEach(release);
    // A single block is copied: a result is always a new block.
    return widths.length > 1 || heights.length > 1
      ? out
      : run(SLICE, [{ block: out, columns }], [0, 0], { rows: heights[0], columns });
  };
}
