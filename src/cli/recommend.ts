/**
 * `recommend`: recommends items to users, from a run folder alone.
 *
 * @module
 */
import { stringify } from "deno-std/csv/stringify.js";
import { UsageError } from "../../kernels/errors.ts";
import type { TextStyle } from "../reports/text_style.ts";
import { table } from "../reports/text_table.ts";
import type { DeviceRequest } from "../runs/device.ts";
import { openRun } from "../runs/open.ts";
import { recommend as recommendItems, type Recommendation } from "../runs/run.ts";
import { type Io, note, type Report } from "./io.ts";

/** The options of `recommend`. */
export interface RecommendOptions {
  /** The run folder. */
  readonly run: string;
  /** External ids; either these or `all`. */
  readonly users: readonly string[] | undefined;
  readonly all: boolean;
  /** The number of items for each user. */
  readonly k: number;
  readonly format: "table" | "json" | "csv";
  readonly includeSeen: boolean;
  readonly device: DeviceRequest | undefined;
  /** The number of threads; all of the machine by default. */
  readonly threads: number | undefined;
}

/** Recommends items. */
export async function recommend(options: RecommendOptions, io: Io): Promise<Report> {
  const { run, all, users, k, format, includeSeen, device, threads } = options;
  if (all === (users !== undefined)) {
    throw new UsageError(`Cannot recommend from "${run}": either name users with --users ID,… or take --all`);
  }
  const opened = await openRun(run, { device, threads, ...io, note: (text) => note(io, text) });
  const recommendations = await recommendItems(opened, { users, k, includeSeen });
  const unknown = recommendations.filter(({ known }) => !known).map(({ user }) => user);
  if (unknown.length > 0) note(io, `not in this run, so they get the most popular items: ${unknown.join(", ")}`);
  const result = { run, recommendations };
  const written = { table: tabulated, csv: separated, json: () => `${JSON.stringify(result)}\n` };
  return { data: result, text: (sink) => written[format](recommendations, sink) };
}

function tabulated(recommendations: readonly Recommendation[], style: TextStyle): string {
  const titled = recommendations.some(({ items }) => items.some(({ title }) => title));
  const columns = [
    { title: "user" },
    { title: "rank", digits: 0 },
    { title: "item" },
    ...(titled ? [{ title: "title" }] : []),
    { title: "score", digits: 4 },
  ];
  const rows = recommendations.flatMap(({ user, items }) =>
    items.map(({ item, title = "", score }, n) => [n ? "" : user, n + 1, item, ...(titled ? [title] : []), score])
  );
  return table(columns, rows, style);
}

function separated(recommendations: readonly Recommendation[]): string {
  const rows = recommendations.flatMap(({ user, items }) =>
    items.map(({ item, title = "", score }, n) => ({ user, rank: n + 1, item, title, score: score ?? "" }))
  );
  return stringify(rows, { columns: ["user", "rank", "item", "title", "score"] });
}
