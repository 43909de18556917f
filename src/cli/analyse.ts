/**
 * `analyse`: what a data set's features say of its interactions, and what a run's embeddings keep of them.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Items, Users } from "../core/axis.ts";
import { type Pattern, patternFromCoo } from "../core/pattern.ts";
import { free } from "../core/scope.ts";
import type { Dataset } from "../data/dataset.ts";
import { writeFile } from "../data/formats/files.ts";
import { statistics } from "../data/statistics.ts";
import { modalityFeatures } from "../data/tensors.ts";
import { similarity } from "../rank/similarity.ts";
import { type Analysis, analysisReport, type Measured } from "./reports/analyse_report.ts";
import { wrapped } from "./reports/columns.ts";
import { settingsText } from "./reports/compare_table.ts";
import { share } from "./reports/figures.ts";
import { anglesOf } from "./runs/angles.ts";
import { storedSettings } from "./runs/config.ts";
import { deviceFor } from "./runs/device.ts";
import { Misuse } from "./shell/failure.ts";
import type { Io, Report, Sink } from "./shell/io.ts";
import { publishedAngles, publishedSimilarity } from "./published/analyses.ts";
import { exists, readRecord, type RunRecord, within } from "./runs/folder.ts";
import { type Ground, groundOf } from "./runs/start.ts";
import { modelNamed } from "./runs/task.ts";
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

const ANALYSES: Readonly<Record<"avgdiff" | "similarity", Made>> = {
  avgdiff: {
    title: "How far embeddings are from their features",
    about:
      "avg.diff, Eq. (1) of MONET: the mean over pairs of items of the absolute difference between the cosine of their features " +
      "and the cosine of their embeddings. 0 where embeddings keep all angles.",
    caption: "avg.diff of each run: the shorter the bar, the more its embeddings keep of the features' angles.",
    columns: { "avg.diff": share },
    measure: differences,
  },
  similarity: {
    title: "How alike items are that people chose",
    about:
      "I-I: the mean cosine between the features of two items of a user. I-N: of an item of a user and one that is not. " +
      "Over all interactions, in the mean over users, as in figure 1 of MONET.",
    caption: "I-I above I-N: the further apart, the more the features say of what people choose.",
    columns: {
      "I-I": share,
      "I-N": share,
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
  if (out !== undefined) {
    const origin = { command: wordsOf(options), made: new Date(io.now()).toISOString() };
    await writeFile(out, new TextEncoder().encode(await analysisReport(analysis, all, origin)));
  }
  return {
    data: { measured: all, ...out === undefined ? {} : { out } },
    text: (sink) => `${written(analysis, all, sink)}${out === undefined ? "" : wrapped(`Written: ${out}`, sink)}`,
  };
}

function written({ columns, about }: Analysis, all: readonly Measured[], sink: Sink): string {
  const titles = [
    { title: "of" },
    { title: "modality" },
    ...Object.keys(columns).map((title) => ({ title, digits: 0 })),
  ];
  const sources = [...new Set(all.flatMap(({ source }) => source ?? []))];
  const rows = all.map(({ of, modality, values, source }) => [
    source === null ? of : `${of}, theirs [${1 + sources.indexOf(source)}]`,
    modality,
    ...Object.entries(columns).map(([name, show]) => show(values[name])),
  ]);
  const notes = [about, ...sources.map((source, n) => `[${n + 1}] ${source}.`)];
  return `${table(titles, rows, sink)}${notes.map((text) => wrapped(text, sink)).join("")}`;
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
  return patternFromCoo([users.length, items.length], interactions.users, interactions.items);
}

async function differences(run: string, { threads }: AnalyseOptions, open: Open, io: Io): Promise<Measured[]> {
  if (await exists(`${run}/trials`)) {
    throw new ValueError(
      `Cannot analyse "${run}": a comparison or a sweep is kept there; name runs in "${run}/trials"`,
    );
  }
  const record = await readRecord(run);
  const ground = await open(record.data.source);
  const found = await anglesOf(run, record, ground, await deviceFor("auto", { threads }, io));
  if (!found) throw new ValueError(`Cannot analyse "${run}": ${record.model} has no embeddings of items`);
  const of = await nameOf(run, record);
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

/** Returns what a run is called: by its folder, or by model, settings and seed if that is a trial's, named by a digest. */
async function nameOf(run: string, { model, seed }: RunRecord): Promise<string> {
  const folder = run.replace(/[/\\]+$/, "").split(/[/\\]/).at(-1)!;
  if (!/-\d+-[0-9a-f]{8}$/.test(folder)) return folder.includes(model) ? folder : `${model}, ${folder}`;
  const known = modelNamed(model, "analyse the model");
  const config = await storedSettings(known, within(run, "config.toml"));
  const own = Object.entries(known.settings).filter(([name, setting]) => config[name] !== setting.default);
  const changed = own.length > 0
    ? ` ${settingsText(Object.fromEntries(own.map(([name]) => [name, config[name]])))}`
    : "";
  return `${model}${changed}, seed ${seed}`;
}

/** Returns an analysis' command as it is typed. */
function wordsOf({ sources, avgdiff, threads, out }: AnalyseOptions): string[] {
  return [
    "analyse",
    ...sources,
    avgdiff ? "--avgdiff" : "--similarity",
    ...threads === undefined ? [] : ["--threads", String(threads)],
    ...out === undefined ? [] : ["--out", out],
  ];
}
