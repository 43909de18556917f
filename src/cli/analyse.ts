/**
 * `analyse`: compares the features of a data set with its interactions, or the embeddings of a run with the features.
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import type { Items, Users } from "../core/axis.ts";
import { type Pattern, patternFromCoo } from "../core/pattern.ts";
import { free } from "../core/scope.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Reading } from "../data/open.ts";
import { statistics } from "../data/statistics.ts";
import { modalityFeatures } from "../data/tensors.ts";
import { similarity } from "../rank/similarity.ts";
import { type AnalysisKind, analysisText, type Measurement } from "../reports/analysis.ts";
import { analysisPage } from "../reports/analysis_page.ts";
import { settingsText } from "../reports/numbers.ts";
import { wrapped } from "../reports/text_layout.ts";
import { publishedOf } from "../experiments/published.ts";
import { avgDiffOf as avgDiffOfRun } from "../experiments/avg_diff.ts";
import { requestDevice } from "../runs/device.ts";
import { loadData, type LoadedData } from "../runs/open.ts";
import { readRecord, type RunRecord, within } from "../runs/record.ts";
import { findModel } from "../runs/catalogue.ts";
import { storedSettings } from "../runs/settings.ts";
import { commandLine } from "./command_line.ts";
import { type Io, note, type Report } from "./io.ts";
import { checkWritable } from "./writable.ts";

/** The options of `analyse`. */
export interface AnalyseOptions {
  /** Runs for `avgdiff`, data sets for `similarity`. */
  readonly sources: readonly string[];
  readonly avgdiff: boolean;
  readonly similarity: boolean;
  /** The number of threads; all of the machine by default. */
  readonly threads: number | undefined;
  /** A file for a report with a plot. */
  readonly out: string | undefined;
}

/** Measures a run or a data set. */
type Measure = (source: string, options: AnalyseOptions, open: Open, io: Io) => Promise<Measurement[]>;

/** Reads a data set; a second time from memory. */
type Open = (source: string, reading?: Reading) => Promise<LoadedData>;

const MEASURES: Readonly<Record<AnalysisKind, Measure>> = { avgDiff: avgDiffOf, similarity: similarities };

/** Measures runs by Eq. (1) of MONET, or data sets as its figure 1 does. */
export async function analyse(options: AnalyseOptions, io: Io): Promise<Report> {
  const { avgdiff, similarity, sources, out } = options;
  if (avgdiff === similarity) {
    throw new UsageError(
      `Cannot analyse "${sources.join(" ")}": choose --avgdiff, for runs, or --similarity, for data sets`,
    );
  }
  if (out !== undefined) await checkWritable(out);
  const kind = avgdiff ? "avgDiff" : "similarity";
  const measured: Measurement[] = [];
  const loaded = new Map<string, LoadedData>();
  const open: Open = async (source, reading) => {
    const name = JSON.stringify([source, reading]);
    const found = loaded.get(name) ??
      await loadData(source, { ...reading, files: io.files, note: (text) => note(io, text) });
    loaded.set(name, found);
    return found;
  };
  for (const source of sources) measured.push(...await MEASURES[kind](source, options, open, io));
  const all = [...new Map(measured.map((one) => [JSON.stringify(one), one])).values()];
  if (out !== undefined) {
    const origin = { command: commandLine(wordsOf(options)), made: new Date(io.now()).toISOString() };
    await io.files.write(out, new TextEncoder().encode(await analysisPage(kind, all, origin)));
  }
  return {
    data: { measured: all, out },
    text: (sink) => `${analysisText(kind, all, sink)}${out === undefined ? "" : wrapped(`Written: ${out}`, sink)}`,
  };
}

async function similarities(source: string, { threads }: AnalyseOptions, open: Open, io: Io): Promise<Measurement[]> {
  const { data } = await open(source);
  const choice = await requestDevice("auto", { threads }, io.hardware, () => {});
  const features = modalityFeatures(data, choice);
  const found: Measurement[] = [];
  for (const [modality, x] of Object.entries(features)) {
    const { inside, outside } = await similarity(x, allInteractions(data));
    found.push({ of: data.name, modality, values: similarityValues(inside, outside), source: null });
  }
  free(features);
  return [
    ...found,
    ...publishedMeasurements(
      data,
      "similarity",
      (metrics, modality) => similarityValues(metrics[`I-I ${modality}`], metrics[`I-N ${modality}`]),
    ),
  ];
}

function similarityValues(inside: number, outside: number): Measurement["values"] {
  return { "I-I": inside, "I-N": outside, more: inside / outside - 1 };
}

function allInteractions({ users, items, interactions }: Dataset): Pattern<Users, Items> {
  return patternFromCoo([users.length, items.length], interactions.users, interactions.items);
}

async function avgDiffOf(run: string, { threads }: AnalyseOptions, open: Open, io: Io): Promise<Measurement[]> {
  if (await io.files.stat(`${run}/trials`)) {
    throw new ValueError(
      `Cannot analyse "${run}": it has the trials of experiments; name runs in "${run}/trials"`,
    );
  }
  const record = await readRecord(run, io.files);
  const loaded = await open(record.data.source, record.data.reading);
  const choice = await requestDevice("auto", { threads }, io.hardware, () => {});
  const found = await avgDiffOfRun(run, loaded, { device: choice.device, files: io.files });
  if (!found) throw new ValueError(`Cannot analyse "${run}": ${record.model} has no embeddings of items`);
  const of = await nameOf(run, record, io);
  return [
    ...Object.entries(found).map(([modality, avgDiff]) => ({ of, modality, values: { avgDiff }, source: null })),
    ...publishedMeasurements(loaded.data, "avgDiff", (metrics, modality) => ({
      avgDiff: metrics[`avgDiff ${modality}`],
    })),
  ];
}

/** Returns the published measurements of a data set, one per modality. */
function publishedMeasurements(
  data: Dataset,
  kind: AnalysisKind,
  valuesOf: (metrics: Readonly<Record<string, number>>, modality: string) => Measurement["values"],
): Measurement[] {
  const { users, items } = statistics(data);
  return publishedOf({ users, items }, kind).flatMap(({ method, metrics, source }) =>
    ["text", "image"].map((modality) => ({ of: method, modality, values: valuesOf(metrics, modality), source }))
  );
}

/** Returns the name of a run: its folder, or, for a trial, its model, settings and seed. */
async function nameOf(run: string, { model: name, module, seed }: RunRecord, { files }: Io): Promise<string> {
  const folder = run.replace(/[/\\]+$/, "").split(/[/\\]/).at(-1)!;
  if (!await files.stat(`${run}/outcome.json`)) return folder.includes(name) ? folder : `${name}, ${folder}`;
  const { model } = await findModel(module?.path ?? name, files);
  const config = await storedSettings(model, within(run, "config.toml"), files);
  const own = Object.entries(model.settings).filter(([setting, { default: usual }]) => config[setting] !== usual);
  const changed = own.length > 0
    ? ` ${settingsText(Object.fromEntries(own.map(([setting]) => [setting, config[setting]])))}`
    : "";
  return `${name}${changed}, seed ${seed}`;
}

/** Returns an analysis' command as it is typed. */
function wordsOf({ sources, avgdiff, threads, out }: AnalyseOptions): string[] {
  return [
    "analyse",
    ...sources,
    avgdiff ? "--avgdiff" : "--similarity",
    ...(threads === undefined ? [] : ["--threads", String(threads)]),
    ...(out === undefined ? [] : ["--out", out]),
  ];
}
