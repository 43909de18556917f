/**
 * `train --profile`: where the time of a training went.
 *
 * @module
 */
import type { Profile } from "../../../kernels/mod.ts";
import { addedUp, type ProfileLine } from "../../../kernels/profile.ts";
import type { Sink } from "../shell/io.ts";
import { type Cell, table } from "../../reports/text_table.ts";

/** The parts of a training: its steps with what is kept between them, and its evaluations on validation. */
const PARTS = ["steps", "validation"] as const;
type Part = (typeof PARTS)[number];

/** What the time outside kernels goes to. */
const REST: Readonly<Record<Part, string>> = {
  steps: "sampling, bookkeeping",
  validation: "metrics, bookkeeping",
};

/** Where the time of a part of a training went. */
export interface PartProfile {
  readonly part: Part;
  /** How long it took in all. */
  readonly milliseconds: number;
  /** How long of that no kernel ran. */
  readonly outside: number;
  /** What ran, what took longest first. */
  readonly kernels: readonly ProfileLine[];
}

/** Where the time of a training went: its steps, and its evaluations if there were any. */
export type TrainingProfile = readonly PartProfile[];

/** How long each part of a training took, in milliseconds. */
export type Times = Readonly<Record<Part, number>>;

/** A watch that goes while a training does. */
export interface Stopwatch {
  /** Does work whose time counts as validation's. */
  readonly validating: <T>(work: () => Promise<T>) => Promise<T>;
  /** Returns how long it has gone so far. */
  readonly times: () => Times;
  /** Returns how long it went, and where the time went: `null` for a device that keeps no profile. */
  readonly stop: () => { readonly times: Times; readonly profile: TrainingProfile | null };
}

/** Starts a watch, over the kernels of a device if it keeps a profile. */
export function startStopwatch(profile: Profile | undefined, now: () => number): Stopwatch {
  const times: Record<Part, number> = { steps: 0, validation: 0 };
  const lines: Record<Part, ProfileLine[]> = { steps: [], validation: [] };
  let since = now();
  profile?.take();
  const lap = (part: Part): void => {
    const time = now();
    times[part] += time - since;
    since = time;
    if (profile) lines[part] = addedUp([...lines[part], ...profile.take()]);
  };
  return {
    validating: async (work) => {
      lap("steps");
      const result = await work();
      lap("validation");
      return result;
    },
    times: () => {
      lap("steps");
      return { ...times };
    },
    stop: () => {
      lap("steps");
      const parts = PARTS.filter((part) => part === "steps" || lines[part].length > 0).map((part) => ({
        part,
        milliseconds: times[part],
        outside: times[part] - total(lines[part]),
        kernels: lines[part],
      }));
      return { times: { ...times }, profile: profile ? parts : null };
    },
  };
}

/** What a table can say of kernels. */
export interface ProfileTableOptions {
  /**
   * Whether calls returned before their kernels ran, as they do on a GPU. Nobody knows then how long each took, and the table says
   * how much there was to do instead of how fast it was done. `false` by default.
   */
  readonly later?: boolean;
}

/** Returns a profile as a table: a line for each kind of call, one for the time between them, and the whole. */
export function profileTable(parts: TrainingProfile, sink: Sink, { later = false }: ProfileTableOptions = {}): string {
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
      ? [part, "all of these", `and ${REST[part]}`, null, ...spent(milliseconds)]
      : [part, "outside kernels", REST[part], null, ...spent(outside)],
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
    sink,
  );
  return later ? `${written}${LATER}` : written;
}

const LATER = "A GPU is asked for a kernel and runs it later: what each had to do is known, not how long it took.\n";

/** Returns thousands of millions a second. */
function rate(count: number, milliseconds: number): Cell {
  return milliseconds > 0 ? count / milliseconds / 1e6 : null;
}

function total(of: readonly { readonly milliseconds: number }[]): number {
  return of.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}
