/**
 * The table of `train --profile`: the time of a training, kernel by kernel.
 *
 * @module
 */
import { type Cell, table } from "../reports/text_table.ts";
import type { TextStyle } from "../reports/text_style.ts";
import type { TrainingPart, TrainingProfile } from "../runs/profile.ts";

/** The work between kernels, by part of a training. */
const BETWEEN: Readonly<Record<TrainingPart, string>> = {
  steps: "sampling, bookkeeping",
  validation: "metrics, bookkeeping",
};

/** The options of {@link profileTable}. */
export interface ProfileTableOptions {
  /**
   * Whether calls returned before their kernels ran, as they do on a GPU. The time of each kernel is unknown then, and
   * the table has amounts of work instead of rates. `false` by default.
   */
  readonly later?: boolean;
}

/** Returns a profile as a table: a line for each kind of call, a line for the time between calls, and the sum. */
export function profileTable(
  parts: TrainingProfile,
  style: TextStyle,
  { later = false }: ProfileTableOptions = {},
): string {
  const whole = total(parts);
  const spent = (milliseconds: number): Cell[] => [milliseconds, whole > 0 ? milliseconds / whole : null];
  const amount = (count: number, milliseconds: number): Cell => later ? count / 1e9 : rate(count, milliseconds);
  const rows = parts.flatMap(({ part, outside, milliseconds, kernels }): Cell[][] => [
    ...(later ? kernels.toSorted((a, b) => b.bytes - a.bytes) : kernels).map((line) => [
      part,
      line.kernel,
      line.detail,
      line.calls,
      ...later ? [null, null] : spent(line.milliseconds),
      line.flops === null ? null : amount(line.flops, line.milliseconds),
      later || line.flops === null ? amount(line.bytes, line.milliseconds) : null,
    ]),
    later
      ? [part, "all kernels", `and ${BETWEEN[part]}`, null, ...spent(milliseconds)]
      : [part, "outside kernels", BETWEEN[part], null, ...spent(outside)],
  ]);
  const written = table(
    [
      { title: "part" },
      { title: "kernel" },
      { title: "of" },
      { title: "calls", digits: 0 },
      { title: "ms", digits: 1 },
      { title: "share", digits: 1, percent: true },
      { title: later ? "GFLOP" : "GFLOP/s", digits: later ? 3 : 1 },
      { title: later ? "GB" : "GB/s", digits: later ? 3 : 1 },
    ],
    [...rows, ["all", "", "", null, ...spent(whole)]],
    style,
  );
  return later ? `${written}${LATER}` : written;
}

const LATER = "A GPU runs kernels after the call that asked for them: their work is known, their times are not.\n";

/** Returns 10⁹ per second. */
function rate(count: number, milliseconds: number): Cell {
  return milliseconds > 0 ? count / milliseconds / 1e6 : null;
}

function total(of: readonly { readonly milliseconds: number }[]): number {
  return of.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}
