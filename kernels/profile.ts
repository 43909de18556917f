/**
 * Profiles: an instrument that times every call of a kernel by a clock that it is given, and counts its work from the
 * sizes of its operands.
 *
 * @module
 */
import { extentLength, type KernelName, type Kernels, type Operand, type Size, type Storage } from "./device.ts";
import { type Instrument, wrapKernels } from "./instrument.ts";

/** The sum over all calls of one kernel with the same detail. */
export interface ProfileLine {
  /** The kernel. */
  readonly kernel: KernelName;
  /**
   * The formula of a `map` or `reduce`, the form of a `matmul`, `weighted` or `of ones` for an `spmm`; empty for the
   * other kernels.
   */
  readonly detail: string;
  /** Multiplications and additions, two for every product that is added up; `null` for kernels that memory bounds. */
  readonly flops: number | null;
  /** The least bytes that it has to read and write: operands once, results once. */
  readonly bytes: number;
  /** The number of calls. */
  readonly calls: number;
  /** Milliseconds from call to return. A kernel that answers later is timed until it returns its promise. */
  readonly milliseconds: number;
}

/** The work of one call. */
type Work = Pick<ProfileLine, "detail" | "flops" | "bytes">;

/** The calls of a device's kernels. */
export interface Profile {
  /** Returns the lines since the previous call of `take`, the longest time first. */
  readonly take: () => ProfileLine[];
}

/** Returns a profile, and the instrument that fills it. `now` returns the time in milliseconds. */
export function profiler(now: () => number): Profile & { readonly instrument: Instrument } {
  const lines = new Map<string, ProfileLine>();
  return {
    instrument: (kernels) =>
      wrapKernels(kernels, (name, kernel) => (...args) => {
        const start = now();
        const result = kernel(...args);
        const milliseconds = now() - start;
        const work = WORK[name] as (...args: readonly unknown[]) => Work;
        addTo(lines, { kernel: name, calls: 1, milliseconds, ...work(...args) });
        return result;
      }),
    take: () => {
      const taken = addedUp(lines.values());
      lines.clear();
      return taken;
    },
  };
}

/** Returns one line per kernel and detail, with the sums of the lines given, the longest time first. */
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

/**
 * The work of each kernel as a function of its arguments. A row of a gathered operand counts once, and only if it is
 * used.
 */
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
    // A pattern of ones multiplies nothing: it selects rows and adds them up.
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

/** Returns the work of a kernel that moves this count of numbers. */
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
