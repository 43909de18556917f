/**
 * `evaluate`: measures how well a trained model ranks.
 *
 * @module
 */
import type { Evaluation, GroupEvaluation } from "../rank/evaluate.ts";
import type { TextStyle } from "../reports/text_style.ts";
import { table } from "../reports/text_table.ts";
import type { DeviceRequest } from "../runs/device.ts";
import { openRun } from "../runs/open.ts";
import { evaluate as evaluateRun, evaluatePopularity, evaluatorOf } from "../runs/run.ts";
import { type Io, note, type Report } from "./io.ts";

/** The options of `evaluate`. */
export interface EvaluateOptions {
  /** The run folder. */
  readonly run: string;
  readonly split: "validation" | "test";
  /** The lengths of the evaluated lists. */
  readonly k: readonly number[];
  readonly device: DeviceRequest | undefined;
  /** The number of threads; all of the machine by default. */
  readonly threads: number | undefined;
}

/** Ranks all items for every user with held-out interactions, and compares the metrics with those of popularity. */
export async function evaluate({ run, split, k, ...options }: EvaluateOptions, io: Io): Promise<Report> {
  const opened = await openRun(run, { ...options, ...io, note: (text) => note(io, text) });
  const { record, config, data, device } = opened;
  const evaluation = await evaluateRun(opened, { split, cutoffs: k, groups: true });
  const popularity = await evaluatePopularity(data, { device }, evaluatorOf(data, split, config), { cutoffs: k });
  return {
    data: { run, model: record.model, split, evaluation, popularity },
    text: (sink) => comparison(record.model, evaluation, popularity!, sink),
  };
}

const GROUPS = ["top fifth", "2nd", "3rd", "4th", "rarest fifth"];

/** Returns a table with a row for each metric, and a column for each fifth of the items by popularity. */
function comparison(model: string, found: Evaluation, popularity: Evaluation, style: TextStyle): string {
  const columns = [model, "popularity", ...GROUPS].map((title) => ({ title, digits: 4 }));
  const groups: readonly Pick<GroupEvaluation, "users" | "metrics">[] = [found, popularity, ...found.groups ?? []];
  const rows = Object.keys(found.metrics).map((name) => [
    name,
    ...groups.map(({ metrics }) => (metrics as Readonly<Record<string, number>> | null)?.[name] ?? null),
  ]);
  const users = ["users", ...groups.map(({ users }) => users.toLocaleString("en-US"))];
  return table([{ title: "metric" }, ...columns], [users, ...rows], style);
}
