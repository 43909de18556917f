/**
 * `data stats`, `data import` and `data garden`: describe a data set, convert it into a folder of this project, write
 * the garden.
 *
 * @module
 */
import { key } from "../core/random.ts";
import type { Dataset } from "../data/dataset.ts";
import type { MissingPolicy } from "../data/features.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { writeDataset } from "../data/formats/mod.ts";
import { loadData, type OpenOptions } from "../runs/open.ts";
import { garden } from "../data/garden.ts";
import { type Spread, type Statistics, statistics } from "../data/statistics.ts";
import { byTime, coldItems, leaveLastOut, mmrec, official, ratio, type Splitter } from "../data/split.ts";
import type { TextStyle } from "../reports/text_style.ts";
import { withTarget } from "./target.ts";
import type { ReadingOptions } from "./flags.ts";
import { type Io, note, type Report } from "./io.ts";
import { facts, table } from "../reports/text_table.ts";

/** The options of `data stats`. */
export interface StatsOptions extends ReadingOptions {
  /** A folder or file, or `garden`. */
  readonly source: string;
}

/** The options of `data import`. */
export interface ConvertOptions extends ReadingOptions {
  /** A folder or file. */
  readonly source: string;
  /** The folder to write. */
  readonly out: string;
  /** Columns of the interactions, by name or, counted from 0, by position; guessed where they are not given. */
  readonly userColumn: string | undefined;
  readonly itemColumn: string | undefined;
  readonly timeColumn: string | undefined;
  readonly ratingColumn: string | undefined;
  /** The table, or a query in SQL, of a database. */
  readonly table: string | undefined;
  readonly query: string | undefined;
  /** Whether the first line is data although no cell of it is a number. */
  readonly noHeader: boolean;
  /** Interactions rated lower are left out. */
  readonly minRating: number | undefined;
  /** The features of items that have none. */
  readonly missing: MissingPolicy;
  /** The rule of a new split; without one, the split stays as it is read. */
  readonly split: SplitRule | undefined;
  /** Keep users and items with at least so many interactions; 0 keeps all. */
  readonly kCore: number;
  /** The seed of a random split. */
  readonly seed: number;
}

/** The options of `data garden`. */
export interface PlantOptions {
  /** The folder to write. */
  readonly out: string;
  /** The seed of the garden; 0 is the embedded one. */
  readonly seed: number;
}

/** The rules of `--split`. */
export type SplitRule = "official" | "mmrec" | "ratio" | "leave-last-out" | "by-time" | "cold-item";

/** Describes a data set. */
export async function stats({ source, validation, order, encode }: StatsOptions, io: Io): Promise<Report> {
  const { data } = await loadData(source, { ...noting(io), validation, order, encode });
  return await describe(data);
}

/** Reads a data set in any format, filters it, splits it again if a rule is given, and writes it as a folder. */
export async function convert(options: ConvertOptions, io: Io): Promise<Report> {
  const { source, out, missing, minRating, table, query, split, validation, order, encode, seed } = options;
  const columns = Object.entries({
    user: options.userColumn,
    item: options.itemColumn,
    time: options.timeColumn === "none" ? null : options.timeColumn,
    rating: options.ratingColumn,
  }).flatMap(([role, name]) =>
    name === undefined ? [] : [[role, name !== null && /^\d+$/.test(name) ? Number(name) : name]]
  );
  const { data } = await loadData(source, {
    ...noting(io),
    missing,
    columns: Object.fromEntries(columns),
    header: options.noHeader ? false : undefined,
    minRating,
    table,
    query,
    kCore: options.kCore,
    split: split && splitterOf(split, seed),
    validation,
    order,
    encode,
    key: key(seed),
  });
  return await written(data, out, io);
}

/** Writes the garden as a folder. */
export async function plant({ out, seed }: PlantOptions, io: Io): Promise<Report> {
  return await written(garden(key(seed)), out, io);
}

/** Returns the options with which data are read, so that their notes are printed. */
function noting(io: Io): Pick<OpenOptions, "files" | "note"> {
  return { files: io.files, note: (text) => note(io, text) };
}

function splitterOf(rule: SplitRule, seed: number): Splitter {
  const splitters: Readonly<Record<SplitRule, () => Splitter>> = {
    "official": () => official(),
    "mmrec": () => mmrec(key(seed)),
    "ratio": () => ratio(key(seed)),
    "leave-last-out": leaveLastOut,
    "by-time": byTime,
    "cold-item": () => coldItems(key(seed)),
  };
  return splitters[rule]();
}

async function written(data: Dataset, out: string, { files }: Io): Promise<Report> {
  await withTarget(out, files, () => writeDataset(out, data, { files }));
  const { data: described, text } = await describe(data);
  return { data: { ...described, out }, text: (sink) => `${text(sink)}\nwritten to ${out}\n` };
}

async function describe(data: Dataset): Promise<Report> {
  const found = statistics(data);
  const print = await fingerprint(data);
  return { data: { ...found, fingerprint: print }, text: (sink) => show(found, print, sink) };
}

function show(found: Statistics, print: string, style: TextStyle): string {
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
    }, style),
    table([{ title: "interactions" }, { title: "count", digits: 0 }], Object.entries(found.interactions), style),
    table(
      [
        { title: "interactions per" },
        { title: "mean", digits: 1 },
        { title: "median", digits: 1 },
        { title: "min", digits: 0 },
        { title: "max", digits: 0 },
      ],
      [["user", ...spread(found.perUser)], ["item", ...spread(found.perItem)]],
      style,
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
      style,
    )],
  ];
  return parts.join("\n");
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}
