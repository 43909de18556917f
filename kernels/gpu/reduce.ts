/**
 * Sums and maxima of a formula. A thread reduces at most 128 numbers, and the results of threads are reduced again
 * until one number is left. A maximum ignores NaN, since GPUs may ignore it.
 *
 * @module
 */
import { type Extent, extentLength, type Kernels, type Operand, type Size } from "../device.ts";
import { type Formula, formula } from "../scalar.ts";
import { element, flat, operandNames, remembered, scalarNames, written } from "./formula.ts";
import { COLUMN, type Program, program, ROW, THREAD } from "./program.ts";
import type { GpuEngine, GpuStorage } from "./storage.ts";

type By = "sum" | "max";

/** The most numbers of a thread. */
const STRIDE = 128;

const itself = formula("itself", () => (x) => x);
const start = { sum: 0, max: -Infinity };

/** The element that a thread reads in step k, by the axis of the results. */
const WALKS = {
  /** Thread `x` of a row reads every parts-th number of the row. */
  rows: (extent: Extent, name: string) => element(name, extent, ROW, `(${COLUMN} + k * parts)`),
  /** Thread `y` of a column reads every parts-th number of the column. */
  columns: (extent: Extent, name: string) => element(name, extent, `(${ROW} + k * parts)`, COLUMN),
  /** A thread reads every parts-th number of a list. */
  none: (extent: Extent, name: string) => extent === "both" ? `${name}[${THREAD} + k * parts]` : `${name}[0]`,
};

const PLACES = { rows: COLUMN, columns: ROW, none: THREAD };

function partial(by: By, term: Formula, extents: readonly Extent[], count: number, keep: keyof typeof WALKS): Program {
  const [blocks, scalars] = [operandNames(extents.length), scalarNames(count)];
  const { lines, values: [value] } = written(term, [
    ...blocks.map((name, n) => WALKS[keep](extents[n], name)),
    ...scalars,
  ]);
  return program(`${by} of ${term.name}`, {
    blocks,
    whole: ["parts", "steps", "length"],
    real: ["start", ...scalars],
    grid: keep !== "none",
    body: [
      "let total = start;",
      "for (let k = 0; k < steps; k++) {",
      `if (${PLACES[keep]} + k * parts < length) {`,
      ...lines,
      by === "sum" ? `total = total + ${value};` : `total = Math.max(total, ${value});`,
      "}",
      "}",
      "return total;",
    ].join("\n"),
  });
}

/** See {@link Kernels.reduce}. */
export function reduce({ run, store, release }: GpuEngine): Kernels<GpuStorage>["reduce"] {
  const programs = { sum: remembered<Program>(), max: remembered<Program>() };

  function step(
    by: By,
    term: Formula,
    operands: readonly Operand<GpuStorage>[],
    scalars: readonly number[],
    size: Size,
    keep: "rows" | "columns" | "none",
  ): GpuStorage {
    const { rows, columns } = size;
    const length = { rows: columns, columns: rows, none: rows * columns }[keep];
    const parts = Math.ceil(length / STRIDE);
    const extents = operands.map(({ extent }) => extent);
    const made = programs[by](
      term,
      `${keep} ${extents} ${scalars.length}`,
      () => partial(by, term, extents, scalars.length, keep),
    );
    const blocks = operands.map(({ storage, extent }) => ({
      block: storage,
      columns: keep !== "none" && extent === "both" ? columns : undefined,
    }));
    const result = { rows: { rows, columns: parts }, columns: { rows: parts, columns }, none: parts }[keep];
    const out = run(made, blocks, [parts, Math.ceil(length / parts), length, start[by], ...scalars], result);
    return parts === 1 ? out : next(by, out, typeof result === "number" ? { rows: 1, columns: parts } : result, keep);
  }

  /** Reduces the results of threads, and frees them. */
  function next(by: By, part: GpuStorage, size: Size, keep: "rows" | "columns" | "none"): GpuStorage {
    const out = step(by, itself, [{ storage: part, extent: "both" }], [], size, keep);
    release(part);
    return out;
  }

  return (by, term, operands, scalars, size, keep) => {
    if (size.rows * size.columns === 0) {
      return store(new Float32Array(extentLength(keep, size)).fill(start[by]));
    }
    if (keep !== "none" || flat(operands)) return step(by, term, operands, scalars, size, keep);
    return next(by, step(by, term, operands, scalars, size, "rows"), { rows: 1, columns: size.rows }, "none");
  };
}
