/**
 * Elementwise formulas on SIMD: the formula is run once on the vector algebra, which writes the loop body.
 *
 * @module
 */
import type { Extent, Kernels, Operand, Size } from "../device.ts";
import { type Formula, interpret } from "../scalar.ts";
import { type Code, f32x4, type Fresh, i32, type Local, loop, type Routine, v128 } from "./assembler.ts";
import { vectors } from "./math.ts";
import type { Machine, WasmStorage } from "./storage.ts";

/** See {@link Kernels.map}. */
export function map({ allocate, routine }: Machine): Kernels<WasmStorage>["map"] {
  const identities = new WeakMap<Formula, number>();
  let known = 0;
  return (formula, operands, scalars, size) => {
    if (!identities.has(formula)) identities.set(formula, known++);
    const { extents, rows, columns } = flatten(operands, size);
    const blocks = Array.from({ length: formula.outputs }, () => allocate(size.rows * size.columns));
    const shape = { extents, scalars: scalars.length, tail: extents.some(isPartial) ? columns % 4 : 0 };
    const run = routine(`map ${identities.get(formula)} ${JSON.stringify(shape)}`, () => write(formula, shape));
    run(
      rows,
      shape.tail ? columns - shape.tail : columns,
      columns * 4,
      ...[...operands.map(({ storage }) => storage), ...blocks].map(({ address }) => address),
      ...scalars,
    );
    return blocks;
  };
}

interface Shape {
  readonly extents: readonly Extent[];
  readonly scalars: number;
  /** Numbers left over at the end of each row after whole vectors. */
  readonly tail: number;
}

const isPartial = (extent: Extent) => extent === "rows" || extent === "columns";

/** A matrix whose operands are all whole, or single numbers, is one long row; so a vector may run over row ends. */
function flatten(operands: readonly Operand<WasmStorage>[], { rows, columns }: Size): Size & { extents: Extent[] } {
  const extents = operands.map(({ extent }): Extent =>
    rows === 1 && extent === "columns" || columns === 1 && extent === "rows"
      ? "both"
      : rows === 1 && extent === "rows" || columns === 1 && extent === "columns"
      ? "none"
      : extent
  );
  return extents.some(isPartial) ? { rows, columns, extents } : { rows: 1, columns: rows * columns, extents };
}

function write(formula: Formula, { extents, scalars, tail }: Shape): Routine {
  const pointers = extents.length + formula.outputs;
  return {
    parameters: [
      "i32",
      "i32",
      "i32",
      ...Array.from({ length: pointers }, () => "i32" as const),
      ...Array.from({ length: scalars }, () => "f32" as const),
    ],
    body: ([rows, columns, stride, ...rest], fresh) => {
      const inputs = rest.slice(0, extents.length);
      const results = rest.slice(extents.length, pointers);
      const constants = rest.slice(pointers).map(({ get }) => f32x4.splat(get));
      const [row, column, offset] = [fresh("i32"), fresh("i32"), fresh("i32")];
      const at: Record<Extent, (pointer: Local) => Code> = {
        both: (pointer) => v128.load(i32.add(pointer.get, offset.get)),
        columns: (pointer) => v128.load(i32.add(pointer.get, i32.shl(column.get, i32.const(2)))),
        rows: (pointer) => v128.loadSplat(i32.add(pointer.get, i32.shl(row.get, i32.const(2)))),
        none: (pointer) => v128.loadSplat(pointer.get),
      };
      const vector = (store: typeof v128.store): Code => {
        const statements: Code[] = [];
        const values = extents.map((extent, n) => keep(at[extent](inputs[n]), fresh, statements));
        const out = interpret(vectors(fresh, statements), formula, [...values, ...constants]);
        return [...statements, ...out.map((value, n) => store(i32.add(results[n].get, offset.get), value))];
      };
      const place = i32.add(i32.mul(row.get, stride.get), i32.shl(column.get, i32.const(2)));
      return loop(row, i32.const(0), rows.get, i32.const(1), [
        loop(column, i32.const(0), columns.get, i32.const(4), [offset.set(place), vector(v128.store)]),
        tail ? [column.set(columns.get), offset.set(place), vector(storeLanes(tail, fresh))] : [],
      ]);
    },
  };
}

function keep(code: Code, fresh: Fresh, statements: Code[]): Code {
  const local = fresh("v128");
  statements.push(local.set(code));
  return local.get;
}

/** Returns an instruction that stores the first one to three lanes: a whole vector would reach into the next row. */
export function storeLanes(count: number, fresh: Fresh): typeof v128.store {
  return (address, value, offset = 0) => {
    const kept = fresh("v128");
    const parts = count === 1 ? [v128.storeLane32(address, kept.get, 0, offset)] : [
      v128.storeLane64(address, kept.get, 0, offset),
      count === 3 ? v128.storeLane32(address, kept.get, 2, offset + 8) : [],
    ];
    return [kept.set(value), ...parts];
  };
}
