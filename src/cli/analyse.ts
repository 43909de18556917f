/**
 * `analyse`: what a data set's features say of its interactions, and what a run's embeddings keep of them.
 *
 * @module
 */
import type { Items, Users } from "../core/axis.ts";
import { type Pattern, patternOf } from "../core/pattern.ts";
import { free } from "../core/scope.ts";
import type { Dataset } from "../data/dataset.ts";
import { writeFile } from "../data/formats/files.ts";
import { statistics } from "../data/statistics.ts";
import { modalityFeatures } from "../data/tensors.ts";
import { similarity } from "../rank/similarity.ts";
import { type Analysis, analysisReport, type Measured } from "./reports/analyse_report.ts";
import { anglesOf } from "./runs/angles.ts";
import { deviceFor } from "./runs/device.ts";
import { Misuse } from "./shell/failure.ts";
import type { Io, Report, Sink } from "./shell/io.ts";
import { publishedAngles, publishedSimilarity } from "./published/analyses.ts";
import { readRecord } from "./runs/folder.ts";
import { type Ground, groundOf } from "./runs/start.ts";
import { table } from "./shell/table.ts";
import { checkWritable } from "./shell/writable.ts";

/** What `analyse` takes. */
export interface AnalyseOptions {
  /** Runs for `avgdiff`, data sets for `similarity`. */
  readonly sources: readonly string[];
  readonly avgdiff: boolean;
  readonly similarity: boolean;
  /** How many threads compute; by default all that the machine has. */
  readonly threads: number | undefined;
  /** A file for a report with a plot. */
  readonly out: string | undefined;
}

/** An analysis and how it is made. */
interface Made extends Analysis {
  readonly measure: (source: string, options: AnalyseOptions, open: Open, io: Io) => Promise<Measured[]>;
}

/** Reads a data set; the same one again at no cost. */
type Open = (source: string) => Promise<Ground>;

const four = (value: number): string => value.toFixed(4);

const ANALYSES: Readonly<Record<"avgdiff" | "similarity", Made>> = {
  avgdiff: {
    title: "How far embeddings are from their features",
    about:
      "avg.diff, Eq. (1) of MONET: the mean over pairs of items of the difference between the cosine of their features and the " +
      "cosine of their embeddings. 0 where embeddings keep all angles.",
    columns: { "avg.diff": four },
    measure: differences,
  },
  similarity: {
    title: "How alike items are that people chose",
    about:
      "I-I: the mean cosine between the features of two items of a user. I-N: of an item of a user and one that is not. " +
      "Over all interactions, in the mean over users, as in figure 1 of MONET.",
    columns: {
      "I-I": four,
      "I-N": four,
      more: (value) => `${value >= 0 ? "+" : "−"}${Math.abs(100 * value).toFixed(1)} %`,
    },
    measure: similarities,
  },
};

/** Measures runs by Eq. (1) of MONET, or data sets as its figure 1 does. */
export async function analyse(options: AnalyseOptions, io: Io): Promise<Report> {
  const { avgdiff, similarity, sources, out } = options;
  if (avgdiff === similarity) {
    throw new Misuse(
      `Cannot analyse "${sources.join(" ")}": choose --avgdiff, for runs, or --similarity, for data sets`,
    );
  }
  if (out !== undefined) await checkWritable(out);
  const analysis = ANALYSES[avgdiff ? "avgdiff" : "similarity"];
  const measured: Measured[] = [];
  const grounds = new Map<string, Ground>();
  const open: Open = async (source) => {
    const ground = grounds.get(source) ?? await groundOf(source, io);
    grounds.set(source, ground);
    return ground;
  };
  for (const source of sources) measured.push(...await analysis.measure(source, options, open, io));
  const all = [...new Map(measured.map((one) => [JSON.stringify(one), one])).values()];
  if (out !== undefined) await writeFile(out, new TextEncoder().encode(await analysisReport(analysis, all)));
  return {
    data: { measured: all, ...out === undefined ? {} : { out } },
    text: (sink) => `${written(analysis, all, sink)}${out === undefined ? "" : `Written: ${out}\n`}`,
  };
}

function written({ columns, about }: Analysis, all: readonly Measured[], sink: Sink): string {
  const titles = ["of", "modality", ...Object.keys(columns)].map((title) => ({ title }));
  const rows = all.map(({ of, modality, values, source }) => [
    source === null ? of : `${of}, theirs (${source})`,
    modality,
    ...Object.entries(columns).map(([name, show]) => show(values[name])),
  ]);
  return `${table(titles, rows, sink)}${about}\n`;
}

async function similarities(source: string, { threads }: AnalyseOptions, open: Open, io: Io): Promise<Measured[]> {
  const { data } = await open(source);
  const choice = await deviceFor("auto", { threads }, io);
  const features = modalityFeatures(data, choice);
  const found: Measured[] = [];
  for (const [modality, x] of Object.entries(features)) {
    const { inside, outside } = await similarity(x, allInteractions(data));
    found.push({ of: data.name, modality, values: similarityValues(inside, outside), source: null });
  }
  free(features);
  return [
    ...found,
    ...publishedSimilarity(statistics(data)).map(({ of, modality, values: [inside, outside], source }) => ({
      of,
      modality,
      source,
      values: similarityValues(inside, outside),
    })),
  ];
}

function similarityValues(inside: number, outside: number): Measured["values"] {
  return { "I-I": inside, "I-N": outside, more: inside / outside - 1 };
}

function allInteractions({ users, items, interactions }: Dataset): Pattern<Users, Items> {
  return patternOf([users.length, items.length], interactions.users, interactions.items);
}

async function differences(run: string, { threads }: AnalyseOptions, open: Open, io: Io): Promise<Measured[]> {
  const record = await readRecord(run);
  const ground = await open(record.data.source);
  const found = await anglesOf(run, record, ground, await deviceFor("auto", { threads }, io));
  if (!found) throw new RangeError(`Cannot analyse "${run}": ${record.model} has no embeddings of items`);
  const folder = run.replace(/[/\\]+$/, "").split(/[/\\]/).at(-1)!;
  const of = folder.includes(record.model) ? folder : `${record.model}, ${folder}`;
  return [
    ...Object.entries(found).map(([modality, value]) => ({
      of,
      modality,
      values: { "avg.diff": value },
      source: null,
    })),
    ...publishedAngles(statistics(ground.data)).map(({ of, modality, values: [value], source }) => ({
      of,
      modality,
      values: { "avg.diff": value },
      source,
    })),
  ];
}
