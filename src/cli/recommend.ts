/**
 * `recommend`: recommends items to users or to new people, with reasons, and finds items that are alike, from a run
 * folder alone.
 *
 * @module
 */
import { stringify } from "deno-std/csv/stringify.js";
import { UsageError } from "../../kernels/errors.ts";
import { wrapped } from "../reports/text_layout.ts";
import { printable, type TextStyle } from "../reports/text_style.ts";
import { table } from "../reports/text_table.ts";
import type { DeviceRequest } from "../runs/device.ts";
import { explain, type Explanation } from "../runs/explain.ts";
import { openRun } from "../runs/open.ts";
import type { Person } from "../runs/people.ts";
import { recommend as recommendItems, type Recommendation } from "../runs/recommend.ts";
import type { Run } from "../runs/run.ts";
import { similar, type SimilarItems } from "../runs/similar.ts";
import { type Io, note, type Report } from "./io.ts";

/** The options of `recommend`. */
export interface RecommendOptions {
  /** The run folder. */
  readonly run: string;
  /** External ids; one of these four is given. */
  readonly users: readonly string[] | undefined;
  readonly all: boolean;
  /** The items of a new person. */
  readonly history: readonly string[] | undefined;
  /** An item, to find items like it. */
  readonly similar: string | undefined;
  /** The number of items for each user. */
  readonly k: number;
  readonly explain: boolean;
  readonly format: "table" | "json" | "csv";
  readonly includeSeen: boolean;
  readonly device: DeviceRequest | undefined;
  /** The number of threads; all of the machine by default. */
  readonly threads: number | undefined;
}

/** Recommends items. */
export async function recommend(options: RecommendOptions, io: Io): Promise<Report> {
  const { run, all, users, history, k, format, includeSeen, device, threads } = options;
  const ways = [all, users !== undefined, history !== undefined, options.similar !== undefined];
  if (ways.filter((way) => way).length !== 1) {
    throw new UsageError(
      `Cannot recommend from "${run}": name users with --users ID,…, take --all, ` +
        "give the items of a new person with --history ID,…, or an item with --similar ID",
    );
  }
  const opened = await openRun(run, { device, threads, ...io, note: (text) => note(io, text) });
  if (options.similar !== undefined) return await alike(opened, options.similar, options, io);
  const people = history ? [{ items: history }] : users;
  const recommendations = await recommendItems(opened, { users: people, k, includeSeen });
  const unknown = recommendations.filter(({ known }) => !known).map(({ user }) => user);
  if (unknown.length > 0) note(io, `not in this run, so they get the most popular items: ${unknown.join(", ")}`);
  if (options.explain) return await explained(opened, recommendations, { run, history, format });
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

/** Returns the report of reasons for every recommended item. */
async function explained(
  run: Run,
  recommendations: readonly Recommendation[],
  { history, format, ...named }: Pick<RecommendOptions, "run" | "history" | "format">,
): Promise<Report> {
  const reasons: Explanation[] = [];
  for (const { user, known, items } of recommendations) {
    if (!known) continue;
    const person: Person = history ? { items: history } : { user };
    for (const { item } of items) reasons.push(await explain(run, person, item));
  }
  const data = { ...named, recommendations, reasons };
  const written = {
    table: (style: TextStyle) => reasons.map((one) => reasonsTable(one, style)).join("\n"),
    csv: () =>
      stringify(reasons.flatMap(partRows), {
        columns: ["user", "item", "score", "kind", "modality", "of", "attention", "part"],
      }),
    json: () => `${JSON.stringify(data)}\n`,
  };
  return { data, text: written[format] };
}

/** The parts of a score as rows of a CSV file. */
function partRows({ user, item, score, parts }: Explanation): Record<string, string | number>[] {
  return parts.map(({ kind, modality, item: of, attention, value }) => ({
    user,
    item,
    score,
    kind,
    modality: modality ?? "",
    of: of ?? "",
    attention: attention ?? "",
    part: value,
  }));
}

/** The number of items of the history that a table shows; the others are one row. */
const SHOWN = 5;

/** The reasons for a score as a table whose parts sum to it, and similar items of the history below. */
function reasonsTable({ user, item, title, score, parts, items, similar }: Explanation, style: TextStyle): string {
  const named = (id: string, title?: string) => title ? `${title} (${id})` : id;
  const whole = parts.filter((part) => part.item === null);
  const others = items.slice(SHOWN);
  const rows = [
    ...whole.map(({ kind, modality, attention, value }) => [modality ?? kind, attention, value]),
    ...items.slice(0, SHOWN).map((one) => [`because of ${named(one.item, one.title)}`, one.attention, one.value]),
    ...(others.length === 0 ? [] : [[
      `because of ${others.length} further items`,
      others.some(({ attention }) => attention === null) ? null : sum(others.map(({ attention }) => attention!)),
      sum(others.map(({ value }) => value)),
    ]]),
    ["score", null, score],
  ];
  const columns = [
    { title: `${user ? `${user}: ` : ""}${named(item, title)}` },
    { title: "attention", digits: 4 },
    { title: "part", digits: 4 },
  ];
  const near = similar.slice(0, 3).map((one) => `${named(one.item, one.title)} ${one.similarity.toFixed(2)}`);
  return table(columns, rows, style) +
    (near.length > 0 ? wrapped(printable(`Similar to, in the history: ${near.join(", ")}`), style) : "");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Returns the report of items that are like an item. */
async function alike(run: Run, item: string, { k, format }: RecommendOptions, io: Io): Promise<Report> {
  const found = await similar(run, item, { k, ...io });
  const data = { run: run.folder, item, similar: found };
  const written = {
    table: (style: TextStyle) => alikeTable(found, style),
    csv: () => stringify(alikeRows(found), { columns: ["by", "rank", "item", "title", "similarity"] }),
    json: () => `${JSON.stringify(data)}\n`,
  };
  return { data, text: written[format] };
}

function alikeRows({ all, modalities }: SimilarItems): Record<string, string | number>[] {
  return Object.entries({ all, ...modalities }).flatMap(([by, items]) =>
    items.map(({ item, title = "", similarity }, n) => ({ by, rank: n + 1, item, title, similarity }))
  );
}

function alikeTable(found: SimilarItems, style: TextStyle): string {
  const rows = alikeRows(found).map(({ by, rank, item, title, similarity }) =>
    [rank === 1 ? by : "", rank, item, title, similarity] as const
  );
  return table(
    [{ title: "by" }, { title: "rank", digits: 0 }, { title: "item" }, { title: "title" }, {
      title: "similarity",
      digits: 4,
    }],
    rows,
    style,
  );
}
