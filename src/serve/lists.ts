/**
 * Lists of recommended items for many people at once, each with its own length, candidates, exclusions, and limits of
 * categories.
 *
 * @module
 */
import type { Items, Users } from "../core/axis.ts";
import { type Pattern, patternFromCoo, rowOf } from "../core/pattern.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Block } from "../rank/block.ts";
import { itemDegrees } from "../rank/exposure.ts";
import { rankItems } from "../rank/recommend.ts";
import { indexOf, isKnown, peopleBlock, type Person } from "../runs/people.ts";
import type { Recommendation, RecommendedItem } from "../runs/recommend.ts";
import type { Run } from "../runs/run.ts";

/** A request for a list. */
export interface Wanted {
  /** The person to rank for. */
  readonly person: Person;
  /** The most items of the list. */
  readonly k: number;
  /** Whether items of the history may be recommended; `false` by default. */
  readonly includeSeen?: boolean | undefined;
  /** The ids of the items that may be recommended; all by default. Unknown ids do not count. */
  readonly candidates?: readonly string[] | undefined;
  /** The ids of items to leave out; none by default. Unknown ids do not count. */
  readonly exclude?: readonly string[] | undefined;
  /** The most items of a category; no limit by default. */
  readonly perCategory?: number | undefined;
}

/** The categories of items, by the ids of items. */
export type Categories = ReadonlyMap<string, readonly string[]>;

/** Items in order, the best first. */
interface Ordered {
  readonly items: Int32Array;
  readonly scores: Float32Array | null;
}

/**
 * Returns a list for each request. All people are scored as one block. A person whom the run does not know gets the
 * most popular items. A list with a limit of categories has the best items that keep to it: items are taken in the
 * order of their scores, and an item of a category that is full is left out.
 *
 * @throws as `recommend` does.
 */
export async function listsOf(run: Run, wanted: readonly Wanted[], categories: Categories): Promise<Recommendation[]> {
  const able = Int32Array.from(wanted.keys()).filter((n) => isKnown(run, wanted[n].person));
  const ranked = new Map<number, readonly RecommendedItem[]>();
  if (able.length > 0) {
    const chosen = Array.from(able, (n) => wanted[n]);
    const lists = await ranking(run, chosen, categories);
    able.forEach((n, row) => ranked.set(n, lists[row]));
  }
  return wanted.map((one, n) => ({
    user: one.person.user ?? "",
    known: ranked.has(n),
    items: ranked.get(n) ?? chosenOf(run.data, fallback(run, one), one, categories),
  }));
}

/** Returns the lists of people whom the run knows. */
async function ranking(run: Run, wanted: readonly Wanted[], categories: Categories): Promise<RecommendedItem[][]> {
  const people = await peopleBlock(run, wanted.map(({ person }) => person));
  const lists = wanted.map((): RecommendedItem[] => []);
  try {
    const exclude = excluded(run, wanted, people.history);
    const score = (part: Block) => run.model.score(people.encoded, people.block(part.users), run.config);
    const rows = Int32Array.from(wanted.keys());
    for (const limited of [false, true]) {
      const candidates = limited ? candidatesOf(run, wanted) : undefined;
      let open = rows.filter((n) => (wanted[n].candidates !== undefined) === limited);
      // A limit of categories may leave out many items, so the ranking grows until its list is full.
      for (let factor = 1; open.length > 0; factor *= 8) {
        const k = Math.min(run.data.items.length, Math.max(...open.map((n) => depth(wanted[n]) * factor)));
        const options = { history: people.history, users: open, k, includeSeen: true, exclude: [exclude], candidates };
        const rankings = await rankItems(score, options);
        rankings.forEach((ranking) => {
          lists[ranking.user] = chosenOf(run.data, ranking, wanted[ranking.user], categories);
        });
        const partial = new Set(rankings.filter(({ items }) => items.length === k).map(({ user }) => user));
        open = k === run.data.items.length
          ? new Int32Array()
          : open.filter((n) => partial.has(n) && lists[n].length < wanted[n].k);
      }
    }
  } finally {
    people.release();
  }
  return lists;
}

/** Returns the length of the first ranking of a request. */
function depth({ k, perCategory }: Wanted): number {
  return perCategory === undefined ? k : 4 * k;
}

/** Returns the numbers of the items with these ids, without unknown ids. */
function numbersOf(run: Run, ids: readonly string[]): number[] {
  const { items } = indexOf(run);
  return ids.flatMap((id) => items.get(id) ?? []);
}

/** Returns the items that each list leaves out. */
function excluded(run: Run, wanted: readonly Wanted[], history: Pattern<Users, Items>): Pattern<Users, Items> {
  const sets = wanted.map(({ includeSeen, exclude = [] }, n) => [
    ...includeSeen ? [] : rowOf(history, n),
    ...numbersOf(run, exclude),
  ]);
  return patternOf(run, sets);
}

function candidatesOf(run: Run, wanted: readonly Wanted[]): Pattern<Users, Items> {
  return patternOf(run, wanted.map(({ candidates = [] }) => numbersOf(run, candidates)));
}

function patternOf({ data }: Run, sets: readonly (readonly number[])[]): Pattern<Users, Items> {
  return patternFromCoo([sets.length, data.items.length], sets.flatMap((set, n) => set.map(() => n)), sets.flat());
}

/** Returns the first items of a ranking that keep to the limit of categories. */
function chosenOf(data: Dataset, { items, scores }: Ordered, wanted: Wanted, categories: Categories) {
  const { k, perCategory = Infinity } = wanted;
  const chosen: RecommendedItem[] = [];
  const counts = new Map<string, number>();
  for (let n = 0; n < items.length && chosen.length < k; n++) {
    const item = data.items[items[n]];
    const own = categories.get(item) ?? [];
    if (own.some((category) => (counts.get(category) ?? 0) >= perCategory)) continue;
    for (const category of own) counts.set(category, (counts.get(category) ?? 0) + 1);
    chosen.push({ item, title: data.titles?.[items[n]], score: scores?.[n] ?? null });
  }
  return chosen;
}

const popularities = new WeakMap<Dataset, Int32Array>();

/** Returns all items, the most popular first; of equally popular items the lower number comes first. */
function popularItems(run: Run): Int32Array {
  const found = popularities.get(run.data) ?? sorted(itemDegrees(indexOf(run).history));
  popularities.set(run.data, found);
  return found;
}

function sorted(degrees: Int32Array): Int32Array {
  return Int32Array.from(degrees.keys()).sort((a, b) => degrees[b] - degrees[a] || a - b);
}

/** Returns the popular items that a list may have. */
function fallback(run: Run, { candidates, exclude = [] }: Wanted): Ordered {
  const items = popularItems(run);
  const out = new Set(numbersOf(run, exclude));
  const open = candidates && new Set(numbersOf(run, candidates));
  if (out.size === 0 && !open) return { items, scores: null };
  return { items: items.filter((item) => !out.has(item) && (open?.has(item) ?? true)), scores: null };
}
