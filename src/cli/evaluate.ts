/**
 * `evaluate`: how well a trained model ranks.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { DeviceName } from "../../kernels/mod.ts";
import type { Evaluation, GroupEvaluation } from "../rank/evaluate.ts";
import type { Io, Report, Sink } from "./shell/io.ts";
import { judgesOf, popularityScore } from "./runs/ranker.ts";
import { table } from "../reports/text_table.ts";
import { openRun } from "./runs/trained.ts";

/** What `evaluate` takes. */
export interface EvaluateOptions {
  /** The run folder. */
  readonly run: string;
  readonly split: "validation" | "test";
  /** The lengths of the lists that are judged. */
  readonly k: readonly number[];
  /** What computes; the processor by default. */
  readonly device: DeviceName | undefined;
  /** How many threads compute; by default all that the machine has. */
  readonly threads: number | undefined;
}

/** Ranks all items for every user with held-out interactions, and judges the lists, beside those of popularity. */
export async function evaluate(options: EvaluateOptions, io: Io): Promise<Report> {
  const { run, split, k } = options;
  const { record, config, data, device, score } = await openRun(run, options, io);
  const judge = judgesOf(data, config)[split];
  if (!judge) throw new ValueError(`Cannot evaluate "${run}" on ${split}: nothing is held out; choose another --split`);
  const evaluation = await judge(score, { cutoffs: k, groups: true });
  const popularity = await judge(popularityScore(data, { device }), { cutoffs: k });
  return {
    data: { run, model: record.model, split, evaluation, popularity },
    text: (sink) => compared(record.model, evaluation, popularity, sink),
  };
}

const GROUPS = ["top fifth", "2nd", "3rd", "4th", "rarest fifth"];

/** Returns the table: a row per metric, and a column for the rare and the popular items of each fifth. */
function compared(model: string, found: Evaluation, popularity: Evaluation, sink: Sink): string {
  const columns = [model, "popularity", ...GROUPS].map((title) => ({ title, digits: 4 }));
  const groups: readonly Pick<GroupEvaluation, "users" | "metrics">[] = [found, popularity, ...found.groups ?? []];
  const rows = Object.keys(found.metrics).map((name) => [
    name,
    ...groups.map(({ metrics }) => (metrics as Readonly<Record<string, number>> | null)?.[name] ?? null),
  ]);
  const users = ["users", ...groups.map(({ users }) => users.toLocaleString("en-US"))];
  return table([{ title: "metric" }, ...columns], [users, ...rows], sink);
}
