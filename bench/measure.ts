/**
 * How things are measured: what a benchmark may be told, the device it runs on, medians of repeated runs, and lines of
 * results. Every benchmark in this folder goes through here, so that they can be compared.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { ValueError } from "../kernels/errors.ts";
import { parseArgs } from "node:util";
import { type WasmDevice, wasmDevice } from "../kernels/wasm/device.ts";

/** Something to measure. */
export interface Work extends Pick<MeasureOptions, "warmUp"> {
  /** What it is called in every library that does it. */
  readonly name: string;
  /** Does it once, and frees what it made. Asynchronous if it returns a promise. */
  readonly run: () => unknown;
  /** Additions and multiplications in its products. */
  readonly flops?: number;
  /** Bytes that it must at least read and write. */
  readonly bytes?: number;
  /** What it comes to, to compare libraries with. */
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

/** How to measure. */
export interface MeasureOptions {
  /** How many times to take; 7 by default. */
  readonly repeat?: number;
  /** How often to run before that; 3 by default, and for at least half a second. 0 for not at all. */
  readonly warmUp?: number;
}

/** Runs something and returns the times of further runs. What takes less than 5 ms is run several times a time. */
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

/** Returns the middle of some numbers, or the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Returns the exponent p of the power law y ∝ xᵖ nearest to some points: the slope of the least-squares line of logarithms. */
export function exponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map((point) => point.map(Math.log));
  const mean = (of: 0 | 1) => logs.reduce((sum, point) => sum + point[of], 0) / logs.length;
  const means = [mean(0), mean(1)];
  const along = (by: 0 | 1) => logs.reduce((sum, p) => sum + (p[0] - means[0]) * (p[by] - means[by]), 0);
  return along(1) / along(0);
}

/** A sum, and a few of the numbers themselves: enough to see whether two libraries computed the same. */
export function summary(values: ArrayLike<number>): number[] {
  let sum = 0;
  for (let n = 0; n < values.length; n++) sum += values[n];
  return [sum, ...[0, 1, 2, 3, 4].map((n) => values[Math.floor(n * (values.length - 1) / 4)])];
}

/** Opens the device that all benchmarks run on, with so many threads; as many as there are cores by default. */
export function open(threads?: number): WasmDevice {
  return wasmDevice(threads === undefined ? {} : { threads });
}

/** What a line says of a device. */
export function about({ threads, name }: WasmDevice): { readonly threads: number; readonly device: string } {
  return { threads, device: name };
}

/** Runs something once and returns the most bytes that the device's blocks took on the way, looking after every kernel. */
export async function peakBytes(device: WasmDevice, run: () => unknown): Promise<number> {
  const kernels = { ...device.kernels };
  let most = device.bytesUsed();
  const watched = Object.entries(kernels).map(([name, kernel]) => [name, (...args: unknown[]): unknown => {
    const out: unknown = Reflect.apply(kernel, device.kernels, args);
    most = Math.max(most, device.bytesUsed());
    return out;
  }]);
  Object.assign(device.kernels, Object.fromEntries(watched));
  try {
    await run();
  } finally {
    Object.assign(device.kernels, kernels);
  }
  return most;
}

/**
 * Runs something once and returns how many bytes of memory the process had before, and at most meanwhile. Where the system
 * keeps no high-water mark of its own, the second number is what the process has afterwards.
 */
export async function peakResident(run: () => unknown): Promise<{ readonly before: number; readonly peak: number }> {
  await Deno.writeTextFile("/proc/self/clear_refs", "5").catch(() => {}); // forgets the mark so far
  const before = Deno.memoryUsage().rss;
  await run();
  const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
  const mark = /^VmHWM:\s*(\d+) kB/m.exec(status);
  return { before, peak: mark ? Number(mark[1]) * 1024 : Deno.memoryUsage().rss };
}

/** The kind of an option: on or off, a whole number above 0, any text, or one of some words. */
type Kind = "flag" | "count" | "text" | readonly string[];
type Given<K> = K extends "flag" ? true : K extends "count" ? number : K extends readonly (infer W)[] ? W : string;
type Kinds = Readonly<Record<string, Kind>>;
/** What was typed. */
export type Options<S extends Kinds> = { readonly [N in keyof S]?: Given<S[N]> };

/** The options of every benchmark. */
export const COMMON: { readonly json: "flag"; readonly threads: "count"; readonly repeat: "count" } = {
  json: "flag",
  threads: "count",
  repeat: "count",
};
/** The options of one whose results are compared: `--check` prints what it comes to, and no times. */
export const COMPARED: typeof COMMON & { readonly check: "flag" } = { ...COMMON, check: "flag" };

/**
 * Returns the options of a command line, `--shape men --json` say. A `--` that a task passes on is left out.
 *
 * @throws {ValueError} if there is something else in it.
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

/** Runs a command; misuse ends with a sentence instead of a trace. */
export async function command(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}

/** Measures works one after the other and prints a line for each, JSON or words, with some facts about where they ran. */
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
    const { ms, min, repeats } = await measure(run, { ...repeat && { repeat }, ...warmUp !== undefined && { warmUp } });
    const rates = {
      gflops: flops === undefined ? null : flops / ms / 1e6,
      ...bytes === undefined ? {} : { bytes, gbs: bytes / ms / 1e6 },
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
