/**
 * Softmax within the entries of each row of a sparse pattern, and means weighted by it.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { type Entries, entriesOf, halvings, offsetsOf } from "./pattern.ts";
import { COLUMN, type Program, program, ROW } from "./program.ts";
import type { GpuEngine, GpuStorage } from "./storage.ts";

/** Returns the text that reads entry k. An entry holds `columns` numbers, so the rows of the block are entries. */
const entry = (block: string, planes: boolean, k = "k") => {
  const row = planes ? `((high << 12) | low) + ${k}` : `begin + ${k}`;
  return `${block}[${row}][${COLUMN}]`;
};

interface Programs {
  readonly largest: Program;
  readonly total: Program;
  readonly share: Program;
  readonly mean: Program;
}

function programsOf(entries: Entries): Programs {
  const x = entry("x", entries.planes);
  const largest = [
    "let largest = lowest;",
    "for (let j = 0; j < count; j++) {",
    `largest = Math.max(largest, ${entry("x", entries.planes, "j")});`,
    "}",
  ];
  const row = { whole: [], grid: true, real: ["lowest"] };
  return {
    largest: program("largest of rows", {
      ...row,
      blocks: ["offsets", "x"],
      body: [...entries.begin(ROW), ...largest, "return largest;"].join("\n"),
    }),
    total: program("sums of exponentials", {
      blocks: ["offsets", "x", "largest"],
      grid: true,
      body: [
        ...entries.begin(ROW),
        `const most = largest[${ROW}][${COLUMN}];`,
        "let total = 0;",
        "for (let k = 0; k < count; k++) {",
        `total += Math.exp(${x} - most);`,
        "}",
        "return total;",
      ].join("\n"),
    }),
    share: program("softmax", {
      blocks: ["offsets", "x", "largest", "total"],
      whole: ["rows", "halvings"],
      grid: true,
      body: [
        ...entries.find(ROW),
        `return Math.exp(x[${ROW}][${COLUMN}] - largest[row][${COLUMN}]) / total[row][${COLUMN}];`,
      ].join("\n"),
    }),
    mean: program("weighted means", {
      ...row,
      blocks: ["offsets", "x", "values"],
      body: [
        ...entries.begin(ROW),
        ...largest,
        "let total = 0;",
        "let sum = 0;",
        "for (let k = 0; k < count; k++) {",
        `const weight = Math.exp(${x} - largest);`,
        "total += weight;",
        `sum += weight * ${entry("values", entries.planes)};`,
        "}",
        "if (count > 0) { return sum / total; }",
        "return 0;",
      ].join("\n"),
    }),
  };
}

const known = new Map<boolean, Programs>();

function programsFor(entries: Entries): Programs {
  const found = known.get(entries.planes) ?? programsOf(entries);
  known.set(entries.planes, found);
  return found;
}

/** See {@link Kernels.segmentSoftmax}. */
export function segmentSoftmax({ run, release }: GpuEngine): Kernels<GpuStorage>["segmentSoftmax"] {
  return (pattern, block, columns) => {
    const programs = programsFor(entriesOf(pattern));
    const { rows, entries } = pattern;
    const [offsets, x] = [offsetsOf(pattern), { block, columns }];
    const largest = { block: run(programs.largest, [offsets, x], [-Infinity], { rows, columns }), columns };
    const total = { block: run(programs.total, [offsets, x, largest], [], { rows, columns }), columns };
    const shape = { rows: entries, columns };
    const out = run(programs.share, [offsets, x, largest, total], [rows, halvings(rows)], shape);
    release(largest.block);
    release(total.block);
    return out;
  };
}

/** See {@link Kernels.segmentSoftmaxMean}. */
export function segmentSoftmaxMean({ run }: Pick<GpuEngine, "run">): Kernels<GpuStorage>["segmentSoftmaxMean"] {
  return (pattern, scores, values, columns) => {
    const blocks = [offsetsOf(pattern), { block: scores, columns }, { block: values, columns }];
    const { rows } = pattern;
    return run(programsFor(entriesOf(pattern)).mean, blocks, [-Infinity], { rows, columns });
  };
}
