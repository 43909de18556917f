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
import { type AnalysisKind, analysisText, type Measurement } from "../reports/analysis.ts";
import { analysisPage } from "../reports/analysis_page.ts";
import { settingsText } from "../reports/numbers.ts";
import { wrapped } from "../reports/text_layout.ts";
import { publishedOf } from "../experiments/published.ts";
import { anglesOf } from "./runs/angles.ts";
import { storedSettings } from "./runs/config.ts";
import { deviceFor } from "./runs/device.ts";
import { Misuse } from "./shell/failure.ts";
import type { Io, Report } from "./shell/io.ts";
import { exists, readRecord, type RunRecord, within } from "./runs/folder.ts";
import { type Ground, groundOf } from "./runs/start.ts";
import { modelNamed } from "./runs/task.ts";
import { PROGRAM, typed } from "./shell/typed.ts";
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

/** Measures a run or a data set. */
type Measure = (source: string, options: AnalyseOptions, open: Open, io: Io) => Promise<Measurement[]>;

/** Reads a data set; a second time from memory. */
type Open = (source: string) => Promise<Ground>;

const MEASURES: Readonly<Record<AnalysisKind, Measure>> = { avgDiff: avgDiffOf, similarity: similarities };

/** Measures runs by Eq. (1) of MONET, or data sets as its figure 1 does. */
export async function analyse(options: AnalyseOptions, io: Io): Promise<Report> {
  const { avgdiff, similarity, sources, out } = options;
  if (avgdiff === similarity) {
    throw new Misuse(
      `Cannot analyse "${sources.join(" ")}": choose --avgdiff, for runs, or --similarity, for data sets`,
    );
  }
  if (out !== undefined) await checkWritable(out);
  const kind = avgdiff ? "avgDiff" : "similarity";
  const measured: Measurement[] = [];
  const grounds = new Map<string, Ground>();
  const open: Open = async (source) => {
    const ground = grounds.get(source) ?? await groundOf(source, io);
    grounds.set(source, ground);
    return ground;
  };
  for (const source of sources) measured.push(...await MEASURES[kind](source, options, open, io));
  const all = [...new Map(measured.map((one) => [JSON.stringify(one), one])).values()];
  if (out !== undefined) {
    const origin = { command: `${PROGRAM} ${typed(...wordsOf(options))}`, made: new Date(io.now()).toISOString() };
    await writeFile(out, new TextEncoder().encode(await analysisPage(kind, all, origin)));
  }
  return {
    data: { measured: all, ...out === undefined ? {} : { out } },
    text: (sink) => `${analysisText(kind, all, sink)}${out === undefined ? "" : wrapped(`Written: ${out}`, sink)}`,
  };
}

async function similarities(source: string, { threads }: AnalyseOptions, open: Open, io: Io): Promise<Measurement[]> {
  const { data } = await open(source);
  const choice = await deviceFor("auto", { threads }, io);
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
    ...Object.entries(found).map(([modality, avgDiff]) => ({ of, modality, values: { avgDiff }, source: null })),
    ...publishedMeasurements(ground.data, "avgDiff", (metrics, modality) => ({
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
