/**
 * Measurement for every benchmark in this folder: options, the device, medians of repeated runs, and lines of results.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { ValueError } from "../kernels/errors.ts";
import { parseArgs } from "node:util";
import { type Instrument, wrapKernels } from "../kernels/instrument.ts";
import { nativeDevice, nativeSupport } from "../kernels/native/device.ts";
import { type WasmDevice, wasmDevice } from "../kernels/wasm/device.ts";

/** Work to measure. */
export interface Work extends Pick<MeasureOptions, "warmUp"> {
  /** Its name, the same for every library. */
  readonly name: string;
  /** Does it once, and frees the result. Asynchronous if it returns a promise. */
  readonly run: () => unknown;
  /** Additions and multiplications in its products. */
  readonly flops?: number;
  /** The least bytes that it must read and write. */
  readonly bytes?: number;
  /** Its result, to compare libraries. */
  readonly result?: () => ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Further facts for its line. */
  readonly facts?: Readonly<Record<string, string | number | null>>;
}

/** Times of a work, in milliseconds. */
export interface Times {
  /** The median. */
  readonly ms: number;
  /** The shortest. */
  readonly min: number;
  /** How many there are. */
  readonly repeats: number;
}

/** The options of {@link measure}. */
export interface MeasureOptions {
  /** The number of times to take; 7 by default. */
  readonly repeat?: number | undefined;
  /** The number of runs before; 3 by default, and at least half a second of runs. 0 for none. */
  readonly warmUp?: number | undefined;
}

/** Runs a function, and returns the times of further runs. A function below 5 ms is run several times per time. */
export async function measure(
  run: () => unknown,
  { repeat = 7, warmUp = 3 }: MeasureOptions = {},
): Promise<Times> {
  const timed = async (calls: number) => {
    const start = performance.now();
    for (let n = 0; n < calls; n++) {
      const going = run();
      if (going instanceof Promise) await going;
    }
    return performance.now() - start;
  };
  const start = performance.now();
  let last = Infinity;
  for (let n = 0; n < warmUp || warmUp > 0 && performance.now() - start < 500; n++) last = await timed(1);
  const calls = Math.max(1, Math.ceil(5 / last));
  const times: number[] = [];
  for (let n = 0; n < repeat; n++) times.push(await timed(calls) / calls);
  return { ms: median(times), min: Math.min(...times), repeats: repeat };
}

/** Returns the median of numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Returns the exponent p of the power law y ∝ xᵖ nearest to points: the least-squares slope of their logarithms. */
export function exponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map((point) => point.map(Math.log));
  const mean = (of: 0 | 1) => logs.reduce((sum, point) => sum + point[of], 0) / logs.length;
  const means = [mean(0), mean(1)];
  const along = (by: 0 | 1) => logs.reduce((sum, p) => sum + (p[0] - means[0]) * (p[by] - means[by]), 0);
  return along(1) / along(0);
}

/** Returns the sum of numbers and five of them: enough to see whether two libraries agree. */
export function summary(values: ArrayLike<number>): number[] {
  let sum = 0;
  for (let n = 0; n < values.length; n++) sum += values[n];
  return [sum, ...[0, 1, 2, 3, 4].map((n) => values[Math.floor(n * (values.length - 1) / 4)])];
}

/** The choice of a device on a command line. */
export interface DeviceChoice {
  /** The number of threads; a thread for every core by default. */
  readonly threads?: number | undefined;
  /** The device; the fastest that runs here, by default. */
  readonly device?: "native" | "wasm" | undefined;
  /** The bytes that tensors need at once, 0 by default. */
  readonly bytes?: number | undefined;
  /** Whether its memory has addresses of 64 bits, also for few bytes. */
  readonly wide?: boolean | undefined;
}

/**
 * Opens the device of a benchmark.
 *
 * @throws {ValueError} if it does not run here.
 */
export function open(
  { threads, device, wide = false, bytes = wide ? 2 ** 33 : 0 }: DeviceChoice = {},
  instrument?: Instrument,
): WasmDevice {
  const support = device === "wasm" ? "" : nativeSupport();
  if (typeof support !== "string") return nativeDevice({ threads, bytes, instrument, ...support });
  if (device === "native") throw new ValueError(`Cannot measure on "native": ${support}`);
  return wasmDevice({ threads, bytes, instrument });
}

/** Returns the facts about a device for a line of results. */
export function about({ threads, name }: WasmDevice): { readonly threads: number; readonly device: string } {
  return { threads, device: name };
}

/** A device, and the peak of its memory. */
export interface WatchedDevice {
  readonly device: WasmDevice;
  /** Runs a function once, and returns the most bytes of the device's blocks, counted after every kernel. */
  readonly peakBytes: (run: () => unknown) => Promise<number>;
}

/** Opens a device as {@link open} does, with an instrument that counts its memory. */
export function openWatched(choice?: DeviceChoice): WatchedDevice {
  let most = 0;
  const instrument: Instrument = (kernels, device) =>
    wrapKernels(kernels, (_, kernel) => (...args) => {
      const result = kernel(...args);
      most = Math.max(most, device().bytesUsed!());
      return result;
    });
  const device = open(choice, instrument);
  const peakBytes = async (run: () => unknown) => {
    most = device.bytesUsed();
    await run();
    return most;
  };
  return { device, peakBytes };
}

/**
 * Runs a function once, and returns the bytes of memory of the process before it, and the most during it. On a system
 * without a high-water mark, the second number is the memory after it.
 */
export async function peakResident(run: () => unknown): Promise<{ readonly before: number; readonly peak: number }> {
  await Deno.writeTextFile("/proc/self/clear_refs", "5").catch(() => {}); // resets the mark
  const before = Deno.memoryUsage().rss;
  await run();
  const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
  const mark = /^VmHWM:\s*(\d+) kB/m.exec(status);
  return { before, peak: mark ? Number(mark[1]) * 1024 : Deno.memoryUsage().rss };
}

/** The kind of an option: a flag, a whole number above 0, any text, or one of a list of words. */
type Kind = "flag" | "count" | "text" | readonly string[];
type Given<K> = K extends "flag" ? true : K extends "count" ? number : K extends readonly (infer W)[] ? W : string;
type Kinds = Readonly<Record<string, Kind>>;
/** The options of a command line. */
export type Options<S extends Kinds> = { readonly [N in keyof S]?: Given<S[N]> };

/** The options of every benchmark. */
export const COMMON: {
  readonly json: "flag";
  readonly threads: "count";
  readonly repeat: "count";
  readonly device: readonly ["native", "wasm"];
} = { json: "flag", threads: "count", repeat: "count", device: ["native", "wasm"] };
/**
 * The options of a benchmark that is compared with other libraries: `--check` prints its results instead of times, and
 * `--wide` measures a memory with addresses of 64 bits.
 */
export const COMPARED: typeof COMMON & { readonly check: "flag"; readonly wide: "flag" } = {
  ...COMMON,
  check: "flag",
  wide: "flag",
};

/**
 * Returns the options of a command line, such as `--shape men --json`. It ignores a `--` that a task passes on.
 *
 * @throws {ValueError} for an unknown option or an invalid value.
 */
export function options<S extends Kinds>(kinds: S, args: readonly string[] = Deno.args): Options<S> {
  const { tokens } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    options: Object.fromEntries(
      Object.entries(kinds).map(([name, kind]) => [name, { type: kind === "flag" ? "boolean" : "string" }] as const),
    ),
    strict: false,
    tokens: true,
  });
  const given: Record<string, unknown> = {};
  for (const token of tokens) {
    if (token.kind === "positional") throw new ValueError(`Cannot understand "${token.value}": ${choices(kinds)}`);
    if (token.kind === "option-terminator") continue;
    if (!Object.hasOwn(kinds, token.name)) {
      throw new ValueError(`Cannot understand ${token.rawName}: ${choices(kinds)}`);
    }
    given[token.name] = valueOf(token.rawName, kinds[token.name], token.value);
  }
  return given as Options<S>;
}

function choices(kinds: Kinds): string {
  const shown = Object.entries(kinds).map(([name, kind]) => {
    const value = kind === "flag" ? "" : kind === "count" ? " N" : kind === "text" ? " TEXT" : ` ${kind.join("|")}`;
    return `--${name}${value}`;
  });
  return `there are ${shown.join(", ")}`;
}

function valueOf(flag: string, kind: Kind, value: string | undefined): unknown {
  const refuse = (rule: string) =>
    new ValueError(`Cannot set ${flag} to ${value === undefined ? "nothing" : `"${value}"`}: ${rule}`);
  if (kind === "flag") {
    if (value !== undefined) throw refuse("it takes no value");
    return true;
  }
  if (value === undefined) throw refuse("a value must follow");
  if (kind === "text") return value;
  if (kind === "count") {
    if (/^[1-9]\d*$/.test(value)) return Number(value);
    throw refuse("a whole number above 0 is needed");
  }
  if (!kind.includes(value)) throw refuse(`there are ${kind.join(", ")}`);
  return value;
}

/** Runs a command. Misuse ends with a sentence instead of a stack trace. */
export async function command(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}

/** Measures works one after the other, and prints a line for each, as JSON or text, with facts about the device. */
export async function report(
  works: Iterable<Work> | AsyncIterable<Work>,
  where: Readonly<Record<string, string | number>>,
  { json, check, repeat }: Options<typeof COMPARED>,
): Promise<void> {
  for await (const { name, run, flops, bytes, result, warmUp, facts } of works) {
    if (check) {
      if (result) print({ name, ...where, ...facts, check: summary(await result()) }, json);
      continue;
    }
    const { ms, min, repeats } = await measure(run, { repeat, warmUp });
    const rates = {
      gflops: flops === undefined ? null : flops / ms / 1e6,
      ...(bytes === undefined ? {} : { bytes, gbs: bytes / ms / 1e6 }),
    };
    print({ name, ms, ...rates, ...where, ...facts, min, repeats }, json);
  }
}

/** Prints a line of results. */
export function print(line: Readonly<Record<string, unknown>>, json: boolean | undefined): void {
  if (json) return console.log(JSON.stringify(line));
  const { name, ...rest } = line;
  const shown = Object.entries(rest).filter(([, value]) => value !== null).map(([key, value]) =>
    `${key} ${
      typeof value === "number" ? Number(value.toPrecision(4)) : Array.isArray(value) ? value.join(" ") : value
    }`
  );
  console.log(`${name}: ${shown.join(", ")}`);
}
