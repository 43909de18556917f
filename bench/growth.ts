/**
 * How does the cost of a MONET step grow? Its time and memory against users, items, interactions and the width of the
 * features: each 1, 2, 4, 8 times and so on as large as in a small base, while the others stay, up to a memory of 16
 * GiB. The result is the exponent p of the nearest power law: 1 is proportional growth, 0 is none.
 *
 * `deno task bench:growth [--threads N] [--repeat 5]` writes `growth.json` and draws `growth.svg`. With `--draw` it
 * only draws the earlier measurements; with `--most N` the largest factor is N, and with `--gib N` a point for which
 * the model estimates more than N GiB ends its line. Every point is measured in a new process, by
 * `--point USERS,ITEMS,INTERACTIONS,WIDTH`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { ValueError } from "../kernels/errors.ts";
import { statistics } from "../src/data/statistics.ts";
import { placeFeatures } from "../src/data/tensors.ts";
import type { Model } from "../src/models/model.ts";
import { monet } from "../src/models/monet.ts";
import { resolveSettings } from "../src/runs/settings.ts";
import { lazily, randomData } from "./data.ts";
import { about, command, exponent, measure, openWatched, options, print } from "./measure.ts";
import { BATCH, trainer } from "./work.ts";

/** The sizes at one point, and the cost of a step there. */
export interface Point {
  readonly users: number;
  readonly items: number;
  /** Distinct pairs of a user and an item. */
  readonly interactions: number;
  /** Numbers per item in each of two modalities. */
  readonly width: number;
  /** The median time of a step. */
  readonly ms: number;
  /** Bytes of all blocks between two steps: features, graph, parameters and Adam's memory. */
  readonly liveBytes: number;
  /** The most bytes of all blocks during a step. */
  readonly peakBytes: number;
  readonly threads: number;
  readonly device: string;
}

/** A quantity that grows. */
export type Axis = "users" | "items" | "interactions" | "width";
/** A measure of cost. */
export type Cost = "ms" | "liveBytes" | "peakBytes";

/** The points along one axis, smallest first, and the exponent of each cost. */
export interface Growth {
  readonly axis: Axis;
  readonly points: readonly Point[];
  readonly exponents: Readonly<Record<Cost, number>>;
}

const model: Model = monet;
const AXES: readonly Axis[] = ["users", "items", "interactions", "width"];
const BASE: Readonly<Record<Axis, number>> = { users: 4000, items: 4000, interactions: 128000, width: 512 };
/** The largest factor of each axis: the base has 16 million pairs of a user and an item. */
const MOST: Readonly<Record<Axis, number>> = { users: 1024, items: 1024, interactions: 16, width: 1024 };
/** The file of the numbers. */
export const JSON_FILE: string = `${import.meta.dirname}/growth.json`;
/** The file of the picture. */
export const SVG_FILE: string = `${import.meta.dirname}/growth.svg`;

/** The options of one point. */
interface PointOptions {
  readonly threads: number | undefined;
  readonly repeat: number | undefined;
  /** The most GiB that the model may estimate; 16 by default. */
  readonly gib: number | undefined;
}

/** Measures one point, in this process; `null` if it needs too much memory. */
async function measurePoint(text: string, { threads, repeat, gib = 16 }: PointOptions): Promise<Point | null> {
  const sizes = text.split(",").map(Number);
  if (sizes.length !== AXES.length || !sizes.every((n) => Number.isInteger(n) && n > 0)) {
    throw new ValueError(`Cannot measure the point "${text}": expected USERS,ITEMS,INTERACTIONS,WIDTH`);
  }
  const [users, items, interactions, width] = sizes;
  const size = { users, items, interactions, heldOut: 0, features: { image: width, text: width } };
  const data = lazily(randomData("random", { ...size, features: {} }), size);
  const bytes = model.memory!(statistics(data), resolveSettings(model, { settings: { batch: BATCH } }));
  if (bytes > gib * 2 ** 30) return null;
  const { device, peakBytes } = openWatched({ threads, bytes });
  const { step, context } = await trainer(device, await placeFeatures(data, { device }));
  const { ms } = await measure(step, { repeat: repeat ?? 5 });
  const memory = { liveBytes: device.bytesUsed(), peakBytes: await peakBytes(step) };
  return { users, items, interactions: context.history.indices.length, width, ms, ...memory, ...about(device) };
}

/** Runs Deno and returns its output. */
async function deno(...args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  if (!success) throw new ValueError(`Cannot run deno ${args.join(" ")}: it failed; its message is above`);
  return new TextDecoder().decode(stdout);
}

/** Measures one point in a process of its own. */
async function point(size: Readonly<Record<Axis, number>>, flags: readonly string[]): Promise<Point | null> {
  const sizes = AXES.map((axis) => size[axis]).join();
  return JSON.parse(await deno("run", "-A", import.meta.filename!, "--point", sizes, ...flags));
}

/** Measures every axis. The base is measured once. */
async function grow(most: number, flags: readonly string[]): Promise<Growth[]> {
  const base = await point(BASE, flags);
  if (!base) throw new ValueError("Cannot measure the growth: the base needs more memory than --gib allows");
  const all: Growth[] = [];
  for (const axis of AXES) {
    const points = [base];
    for (let factor = 2; factor <= Math.min(most, MOST[axis]); factor *= 2) {
      const next = await point({ ...BASE, [axis]: BASE[axis] * factor }, flags);
      if (!next) break;
      points.push(next);
      const { ms, peakBytes } = next;
      console.error(`${axis} × ${factor}: ${ms.toFixed(1)} ms, at most ${(peakBytes / 2 ** 20).toFixed(0)} MiB`);
    }
    const fit = (cost: Cost) => exponent(points.map((each) => [each[axis], each[cost]]));
    all.push({ axis, points, exponents: { ms: fit("ms"), liveBytes: fit("liveBytes"), peakBytes: fit("peakBytes") } });
  }
  return all;
}

if (import.meta.main) {
  await command(async () => {
    const { point: text, draw, most = Infinity, gib, threads, repeat } = options({
      point: "text",
      draw: "flag",
      most: "count",
      gib: "count",
      threads: "count",
      repeat: "count",
    });
    if (text) return console.log(JSON.stringify(await measurePoint(text, { threads, repeat, gib })));
    if (!draw) {
      const flags = Object.entries({ threads, repeat, gib }).flatMap(([name, n]) =>
        n === undefined ? [] : [`--${name}`, `${n}`]
      );
      await Deno.writeTextFile(JSON_FILE, JSON.stringify(await grow(most, flags), null, 2) + "\n");
    }
    const measured: Growth[] = JSON.parse(await Deno.readTextFile(JSON_FILE));
    await deno("run", "-A", "--no-lock", "--quiet", `${import.meta.dirname}/growth_picture.ts`);
    await deno("fmt", "--quiet", JSON_FILE, SVG_FILE);
    for (const { axis, exponents: { ms, liveBytes, peakBytes } } of measured) {
      print({ name: axis, "time ∝ n^": ms, "peak memory ∝ n^": peakBytes, "live memory ∝ n^": liveBytes }, false);
    }
  });
}
