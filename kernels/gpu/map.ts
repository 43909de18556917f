/**
 * Elementwise formulas: one thread per element. A formula of several outputs becomes one program per output.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { element, flat, operandNames, remembered, scalarNames, written } from "./formula.ts";
import { COLUMN, type Program, program, ROW, THREAD } from "./program.ts";
import type { GpuEngine, GpuStorage } from "./storage.ts";

/** See {@link Kernels.map}. */
export function map({ run }: Pick<GpuEngine, "run">): Kernels<GpuStorage>["map"] {
  const programs = remembered<readonly Program[]>();
  return (formula, operands, scalars, size) => {
    const list = flat(operands);
    const extents = operands.map(({ extent }) => extent);
    const made = programs(formula, `${list} ${extents} ${scalars.length}`, () => {
      const [blocks, real] = [operandNames(operands.length), scalarNames(scalars.length)];
      const elements = blocks.map((name, n) =>
        list ? `${name}[${extents[n] === "both" ? THREAD : "0"}]` : element(name, extents[n], ROW, COLUMN)
      );
      const { lines, values } = written(formula, [...elements, ...real]);
      return values.map((value) =>
        program(formula.name, { blocks, real, grid: !list, body: [...lines, `return ${value} * 1;`].join("\n") })
      );
    });
    const blocks = operands.map(({ storage, extent }) => ({
      block: storage,
      columns: !list && extent === "both" ? size.columns : undefined,
    }));
    return made.map((program) => run(program, blocks, scalars, list ? size.rows * size.columns : size));
  };
}
