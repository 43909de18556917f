/**
 * Where the time goes: kernels wrapped so that every call is timed by a clock they are given, and its work counted from the
 * sizes of its operands.
 *
 * @module
 */
import { extentLength, type KernelName, type Kernels, type Operand, type Size, type Storage } from "./device.ts";

/** All calls of one kernel that do the same, their work and time added up. */
export interface ProfileLine {
  /** The kernel. */
  readonly kernel: KernelName;
  /**
   * What the kernel's name leaves open: the formula of a `map` or `reduce`, the form of a `matmul`, whether an `spmm` is
   * `weighted` or `of ones`; empty where there is nothing more to say.
   */
  readonly detail: string;
  /** Multiplications and additions, two for every product that is added up; `null` for what memory bounds. */
  readonly flops: number | null;
  /** Bytes that it must at least read and write: operands once, results once. */
  readonly bytes: number;
  /** How many calls. */
  readonly calls: number;
  /** Milliseconds from call to return: a kernel that answers later is timed until it has promised to. */
  readonly milliseconds: number;
}

/** What a call has to do. */
type Work = Pick<ProfileLine, "detail" | "flops" | "bytes">;

/** What a device's kernels did. */
export interface Profile {
  /** Returns what was done since it was last asked, what took longest first. */
  readonly take: () => ProfileLine[];
}

/** A way to change the kernels of a device before it is made. */
export type Instrument = <S extends Storage>(kernels: Kernels<S>) => Kernels<S>;

/** Returns a profile, and what wraps the kernels it is of. `now` tells the time in milliseconds. */
export function profiler(now: () => number): Profile & { readonly instrument: Instrument } {
  const lines = new Map<string, ProfileLine>();
  const timed = <A extends readonly unknown[], R>(
    name: KernelName,
    kernel: (...args: A) => R,
    work: (...args: A) => Work,
  ) =>
  (...args: A): R => {
    const start = now();
    const result = kernel(...args);
    const milliseconds = now() - start;
    addTo(lines, { kernel: name, calls: 1, milliseconds, ...work(...args) });
    return result;
  };

  return {
    instrument: (kernels) => ({
      map: timed("map", kernels.map, WORK.map),
      reduce: timed("reduce", kernels.reduce, WORK.reduce),
      matmul: timed("matmul", kernels.matmul, WORK.matmul),
      spmm: timed("spmm", kernels.spmm, WORK.spmm),
      sddmm: timed("sddmm", kernels.sddmm, WORK.sddmm),
      segmentSoftmax: timed("segmentSoftmax", kernels.segmentSoftmax, WORK.segmentSoftmax),
      segmentSoftmaxMean: timed("segmentSoftmaxMean", kernels.segmentSoftmaxMean, WORK.segmentSoftmaxMean),
      slice: timed("slice", kernels.slice, WORK.slice),
      concat: timed("concat", kernels.concat, WORK.concat),
      transpose: timed("transpose", kernels.transpose, WORK.transpose),
      topk: timed("topk", kernels.topk, WORK.topk),
      uniforms: timed("uniforms", kernels.uniforms, WORK.uniforms),
    }),
    take: () => {
      const taken = addedUp(lines.values());
      lines.clear();
      return taken;
    },
  };
}

/** Returns lines with those of the same kernel and detail added up, what took longest first. */
export function addedUp(lines: Iterable<ProfileLine>): ProfileLine[] {
  const sums = new Map<string, ProfileLine>();
  for (const line of lines) addTo(sums, line);
  return [...sums.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}

function addTo(sums: Map<string, ProfileLine>, line: ProfileLine): void {
  const name = `${line.kernel} ${line.detail}`;
  const sum = sums.get(name);
  sums.set(
    name,
    sum
      ? {
        ...line,
        calls: sum.calls + line.calls,
        milliseconds: sum.milliseconds + line.milliseconds,
        flops: sum.flops === null || line.flops === null ? null : sum.flops + line.flops,
        bytes: sum.bytes + line.bytes,
      }
      : line,
  );
}

/** The work of each kernel as a function of its arguments. A row of a gathered operand is read once, and only if it is used. */
const WORK: { readonly [K in KernelName]: (...args: Parameters<Kernels<Storage>[K]>) => Work } = {
  map: ({ name, outputs }, operands, _, size) => moved(name, read(operands, size) + outputs * area(size)),
  reduce: (by, { name }, operands, _, size, keep) =>
    moved(`${by} ${name}`, read(operands, size) + extentLength(keep, size)),
  matmul: (_a, _b, { rows, inner, columns }, form) => ({
    detail: form,
    flops: 2 * rows * inner * columns,
    bytes: 4 * (rows * inner + inner * columns + rows * columns),
  }),
  spmm: ({ rows, entries, columns: inner }, values, _, columns, self) => {
    const [used, own] = self === 0 ? [Math.min(entries, inner), 0] : [inner, rows];
    const bytes = 4 * (rows + 1 + entries + (values ? entries : 0) + (used + rows) * columns);
    // A pattern of ones multiplies nothing: it chooses rows and adds them up.
    return values
      ? { detail: "weighted", flops: 2 * (entries + own) * columns, bytes }
      : { detail: "of ones", flops: null, bytes };
  },
  sddmm: ({ rows, columns, entries }, _x, _y, depth) => ({
    detail: "",
    flops: 2 * entries * depth,
    bytes: 4 * (rows + 1 + 2 * entries + (Math.min(entries, rows) + Math.min(entries, columns)) * depth),
  }),
  segmentSoftmax: ({ rows, entries }, _, columns) => moved("", rows + 1 + 2 * entries * columns),
  segmentSoftmaxMean: ({ rows, entries }, _s, _v, columns) => moved("", rows + 1 + (2 * entries + rows) * columns),
  slice: (_x, _size, window) => moved("", 2 * area(window)),
  concat: (_, heights, widths) => moved("", 2 * total(heights) * total(widths)),
  transpose: (_, size) => moved("", 2 * area(size)),
  topk: (_, size, k, exclude) =>
    moved("", area(size) + 2 * size.rows * k + (exclude ? size.rows + 1 + exclude.entries : 0)),
  uniforms: (_, count) => moved("", count),
};

/** The work of moving so many numbers. */
function moved(detail: string, numbers: number): Work {
  return { detail, flops: null, bytes: 4 * numbers };
}

function area({ rows, columns }: Size): number {
  return rows * columns;
}

function total(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + length, 0);
}

function read(operands: readonly Operand<Storage>[], size: Size): number {
  return total(operands.map(({ extent }) => extentLength(extent, size)));
}
