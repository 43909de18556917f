/**
 * `recommend`: items for users, from a run folder alone.
 *
 * @module
 */
import { stringify } from "deno-std/csv/stringify.js";
import type { DeviceName } from "../../kernels/mod.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { positions } from "../data/features.ts";
import { itemDegrees } from "../rank/exposure.ts";
import { type Ranking, rankItems as rank } from "../rank/recommend.ts";
import { Misuse } from "./shell/failure.ts";
import { type Io, note, type Report, type Sink } from "./shell/io.ts";
import { table } from "../reports/text_table.ts";
import { openRun } from "./runs/trained.ts";

/** What `recommend` takes. */
export interface RecommendOptions {
  /** The run folder. */
  readonly run: string;
  /** External ids; either these or `all`. */
  readonly users: readonly string[] | undefined;
  readonly all: boolean;
  /** How many items each user gets. */
  readonly k: number;
  readonly format: "table" | "json" | "csv";
  readonly includeSeen: boolean;
  /** What computes; the processor by default. */
  readonly device: DeviceName | undefined;
  /** How many threads compute; by default all that the machine has. */
  readonly threads: number | undefined;
}

/** The items for one user, best first. */
interface Recommendation {
  readonly user: string;
  /** Whether the run knows the user; one whom it does not gets what is popular. */
  readonly known: boolean;
  readonly items: readonly Recommended[];
}

interface Recommended {
  readonly item: string;
  readonly title?: string;
  /** The model's score; `null` where popularity took its place. */
  readonly score: number | null;
}

/** Recommends items. */
export async function recommend(options: RecommendOptions, io: Io): Promise<Report> {
  const { run, all, k, format, includeSeen } = options;
  if (all === (options.users !== undefined)) {
    throw new Misuse(`Cannot recommend from "${run}": either name users with --users ID,… or take --all`);
  }
  const { data, score } = await openRun(run, options, io);
  const history = histories(data, "train");
  const place = positions(data.users);
  const asked = options.users ? [...new Set(options.users)] : data.users;
  const known = asked.flatMap((id) => place.get(id) ?? []);
  const rankings = await rank(score, { history, users: Int32Array.from(known), k, includeSeen });
  const byUser = new Map(rankings.map((ranking) => [ranking.user, ranking]));
  const fallback = popular(itemDegrees(history), k);
  const strangers = asked.filter((id) => !place.has(id));
  if (strangers.length > 0) note(io, `not in this run, so they get what is popular: ${strangers.join(", ")}`);
  const recommendations = asked.map((user): Recommendation => {
    const ranking = byUser.get(place.get(user) ?? -1);
    return { user, known: ranking !== undefined, items: described(ranking ?? fallback, data) };
  });
  const result = { run, recommendations };
  const written = { table: tabulated, csv: separated, json: () => `${JSON.stringify(result)}\n` };
  return { data: result, text: (sink) => written[format](recommendations, sink) };
}

/** Returns the most popular items; of equally popular ones the lower come first. */
function popular(degrees: Int32Array, k: number): Pick<Ranking, "items"> {
  return { items: Int32Array.from(degrees.keys()).sort((a, b) => degrees[b] - degrees[a] || a - b).subarray(0, k) };
}

function described({ items, scores }: Partial<Ranking> & Pick<Ranking, "items">, data: Dataset): Recommended[] {
  return Array.from(items, (item, n) => ({
    item: data.items[item],
    ...data.titles && { title: data.titles[item] },
    score: scores?.[n] ?? null,
  }));
}

function tabulated(recommendations: readonly Recommendation[], sink: Sink): string {
  const titled = recommendations.some(({ items }) => items.some(({ title }) => title));
  const columns = [
    { title: "user" },
    { title: "rank", digits: 0 },
    { title: "item" },
    ...titled ? [{ title: "title" }] : [],
    { title: "score", digits: 4 },
  ];
  const rows = recommendations.flatMap(({ user, items }) =>
    items.map(({ item, title = "", score }, n) => [n ? "" : user, n + 1, item, ...titled ? [title] : [], score])
  );
  return table(columns, rows, sink);
}

function separated(recommendations: readonly Recommendation[]): string {
  const rows = recommendations.flatMap(({ user, items }) =>
    items.map(({ item, title = "", score }, n) => ({ user, rank: n + 1, item, title, score: score ?? "" }))
  );
  return stringify(rows, { columns: ["user", "rank", "item", "title", "score"] });
}
