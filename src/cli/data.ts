/**
 * `data stats`, `data import` and `data garden`: what a data set is like, and how it becomes a folder of this project.
 *
 * @module
 */
import { key } from "../core/random.ts";
import type { Dataset } from "../data/dataset.ts";
import type { MissingPolicy } from "../data/features.ts";
import { kCore } from "../data/filter.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { writeDataset } from "../data/formats/mod.ts";
import { garden } from "../data/garden.ts";
import { type Spread, type Statistics, statistics } from "../data/statistics.ts";
import { byTime, coldItems, leaveLastOut, official, ratio, resplit, type Splitter } from "../data/split.ts";
import type { Io, Report, Sink } from "./shell/io.ts";
import { loadData } from "./shell/source.ts";
import { facts, table } from "../reports/text_table.ts";

/** What `data stats` takes. */
export interface StatsOptions {
  /** A folder or file, or `garden`. */
  readonly source: string;
}

/** What `data import` takes. */
export interface ConvertOptions {
  /** A folder or file. */
  readonly source: string;
  /** The folder to write. */
  readonly out: string;
  /** Columns of the interactions, by name or, counted from 0, by position; guessed where they are not given. */
  readonly userColumn: string | undefined;
  readonly itemColumn: string | undefined;
  readonly timeColumn: string | undefined;
  readonly ratingColumn: string | undefined;
  /** Whether the first line is data although no cell of it is a number. */
  readonly noHeader: boolean;
  /** Interactions rated lower are left out. */
  readonly minRating: number | undefined;
  /** What items without features get. */
  readonly missing: MissingPolicy;
  /** The rule of a new split; without one, the split stays as it is read. */
  readonly split: SplitRule | undefined;
  /** Keep users and items with at least so many interactions; 0 keeps all. */
  readonly kCore: number;
  /** The seed of a random split. */
  readonly seed: number;
}

/** What `data garden` takes. */
export interface PlantOptions {
  /** The folder to write. */
  readonly out: string;
  /** The seed of the garden; 0 is the embedded one. */
  readonly seed: number;
}

/** The rules of `--split`. */
export type SplitRule = "official" | "ratio" | "leave-last-out" | "by-time" | "cold-item";

/** Returns what a data set is like. */
export async function stats({ source }: StatsOptions, io: Io): Promise<Report> {
  return await describe(await loadData(source, io));
}

/** Reads a data set in any format, filters it, splits it anew where that is asked for, and writes it as a folder. */
export async function convert(options: ConvertOptions, io: Io): Promise<Report> {
  const { source, out, missing, minRating, split, seed } = options;
  const columns = Object.entries({
    user: options.userColumn,
    item: options.itemColumn,
    time: options.timeColumn,
    rating: options.ratingColumn,
  }).flatMap(([role, name]) => name === undefined ? [] : [[role, /^\d+$/.test(name) ? Number(name) : name]]);
  const read = await loadData(source, io, {
    missing,
    columns: Object.fromEntries(columns),
    ...options.noHeader ? { header: false } : {},
    ...minRating === undefined ? {} : { minRating },
  });
  const filtered = options.kCore > 0 ? kCore(read, options.kCore) : read;
  return await written(split ? resplit(filtered, splitterOf(split, seed)) : filtered, out);
}

/** Writes the garden as a folder. */
export async function plant({ out, seed }: PlantOptions): Promise<Report> {
  return await written(garden(key(seed)), out);
}

function splitterOf(rule: SplitRule, seed: number): Splitter {
  const splitters: Readonly<Record<SplitRule, () => Splitter>> = {
    "official": () => official(),
    "ratio": () => ratio(key(seed)),
    "leave-last-out": leaveLastOut,
    "by-time": byTime,
    "cold-item": () => coldItems(key(seed)),
  };
  return splitters[rule]();
}

async function written(data: Dataset, out: string): Promise<Report> {
  await writeDataset(out, data);
  const { data: described, text } = await describe(data);
  return { data: { ...described, out }, text: (sink) => `${text(sink)}\nwritten to ${out}\n` };
}

async function describe(data: Dataset): Promise<Report> {
  const found = statistics(data);
  const print = await fingerprint(data);
  return { data: { ...found, fingerprint: print }, text: (sink) => show(found, print, sink) };
}

function show(found: Statistics, print: string, sink: Sink): string {
  const extras = (["titles", "pictures", "times"] as const).filter((extra) => found[extra]);
  const modalities = Object.entries(found.modalities);
  const spread = ({ mean, median, min, max }: Spread) => [mean, median, min, max];
  const parts = [
    facts({
      "name": found.name,
      "users": found.users,
      "items": found.items,
      "density": percent(found.density),
      "users without training": found.usersWithoutTraining,
      "cold items": found.coldItems,
      "head": `${percent(found.headShare)} of the training interactions are with one fifth of the items`,
      "duplicates": found.duplicates,
      "has": extras.join(", ") || null,
      "fingerprint": print.slice(0, 16),
    }, sink),
    table([{ title: "interactions" }, { title: "count", digits: 0 }], Object.entries(found.interactions), sink),
    table(
      [
        { title: "interactions per" },
        { title: "mean", digits: 1 },
        { title: "median", digits: 1 },
        { title: "min", digits: 0 },
        { title: "max", digits: 0 },
      ],
      [["user", ...spread(found.perUser)], ["item", ...spread(found.perItem)]],
      sink,
    ),
    ...modalities.length === 0 ? [] : [table(
      [
        { title: "modality" },
        { title: "kind" },
        { title: "columns", digits: 0 },
        { title: "filled", digits: 1, percent: true },
        { title: "items covered", digits: 1, percent: true },
      ],
      modalities.map(([name, m]) => [name, m.kind, m.columns, m.density, m.coverage]),
      sink,
    )],
  ];
  return parts.join("\n");
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}
