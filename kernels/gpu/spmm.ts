/**
 * The product of a sparse matrix and a dense matrix: one thread per row and column, or per four columns, adds over the
 * entries of the row.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { entriesOf, offsetsOf, perEntry } from "./pattern.ts";
import { COLUMN, type Program, program, ROW } from "./program.ts";
import type { GpuEngine, GpuStorage } from "./storage.ts";

interface Kind {
  readonly weighted: boolean;
  readonly self: boolean;
  readonly wide: 1 | 4;
}

function product(entries: ReturnType<typeof entriesOf>, { weighted, self, wide }: Kind): Program {
  const lanes = Array.from({ length: wide }, (_, lane) => lane);
  const column = (lane: number) => wide === 1 ? COLUMN : `${COLUMN} * ${wide} + ${lane}`;
  const term = (row: string, lane: number) => `${weighted ? "weight * " : ""}x[${row}][${column(lane)}]`;
  return program("sparse product", {
    blocks: ["offsets", "indices", "x", ...weighted ? ["values"] : []],
    real: self ? ["self"] : [],
    grid: true,
    wide,
    body: [
      ...entries.begin(ROW),
      ...lanes.map((lane) => self ? `let sum${lane} = self * x[${ROW}][${column(lane)}];` : `let sum${lane} = 0;`),
      "for (let k = 0; k < count; k++) {",
      `const from = ${entries.at("indices", "k")};`,
      ...weighted ? [`const weight = ${entries.at("values", "k")};`] : [],
      ...lanes.map((lane) => `sum${lane} += ${term("from", lane)};`),
      "}",
      wide === 1 ? "return sum0;" : `return [${lanes.map((lane) => `sum${lane}`).join(", ")}];`,
    ].join("\n"),
  });
}

/** See {@link Kernels.spmm}. */
export function spmm({ run }: Pick<GpuEngine, "run">): Kernels<GpuStorage>["spmm"] {
  const programs = new Map<string, Program>();
  return (pattern, values, x, columns, self) => {
    const kind: Kind = { weighted: values !== null, self: self !== 0, wide: columns % 4 === 0 ? 4 : 1 };
    const entries = entriesOf(pattern);
    const key = `${entries.planes} ${Object.values(kind)}`;
    const made = programs.get(key) ?? product(entries, kind);
    programs.set(key, made);
    const blocks = [
      offsetsOf(pattern),
      perEntry(pattern, pattern.indices),
      { block: x, columns },
      ...values ? [perEntry(pattern, values)] : [],
    ];
    return run(made, blocks, self !== 0 ? [self] : [], { rows: pattern.rows, columns });
  };
}
