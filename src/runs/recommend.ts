/**
 * The best items of a run for people, and the items that are like an item.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import { itemDegrees } from "../rank/exposure.ts";
import { type Ranking, rankItems } from "../rank/recommend.ts";
import { indexOf, isKnown, peopleBlock, type Person } from "./people.ts";
import { itemNumbers, type Run } from "./run.ts";

/** The options of {@link recommend}. */
export interface RecommendOptions {
  /** The ids of users, as the source of the data has them, or people with items; all users by default. */
  readonly users?: readonly (string | Person)[] | undefined;
  /** The number of items for each user; 10 by default. */
  readonly k?: number | undefined;
  /** Whether items of the user's history may be recommended; `false` by default. */
  readonly includeSeen?: boolean | undefined;
  /** The ids of the items that may be recommended; all by default. */
  readonly candidates?: readonly string[] | undefined;
}

/** The items for a user, the best first. */
export interface Recommendation {
  /** The id of the user; empty for a new person without one. */
  readonly user: string;
  /** Whether the user has a place in the run, or items. A user who has neither gets the most popular items. */
  readonly known: boolean;
  /** The items. */
  readonly items: readonly RecommendedItem[];
}

/** A recommended item. */
export interface RecommendedItem {
  /** The id of the item. */
  readonly item: string;
  /** The title, if the data have titles. */
  readonly title: string | undefined;
  /** The model's score; `null` for popularity. */
  readonly score: number | null;
}

/**
 * Returns the best items for users, in the order in which the users are named. All users are scored together. A person
 * who was never trained on is folded in by their items: see `foldInOf`.
 *
 * @throws {ValueError} if `k` is not a whole number above 0, or an item, β or a modality of a person does not exist.
 * @throws {UsageError} if the model cannot fold users in, or has no β or no weights of modalities.
 *
 * @example
 * ```ts
 * import { garden, key, models, recommend, train } from "@giverny/giverny";
 * import { equal } from "node:assert/strict";
 * const run = await train(models.popularity, garden(key(0), { users: 60, items: 40 }));
 * const [first, visitor] = await recommend(run, { users: ["user-07", { items: [run.data.items[5]] }], k: 3 });
 * equal(first.items.length, 3);
 * equal(visitor.items.some(({ item }) => item === run.data.items[5]), false);
 * ```
 */
export async function recommend(run: Run, options: RecommendOptions = {}): Promise<Recommendation[]> {
  const { data, model, config } = run;
  const { users = data.users, k = 10, includeSeen } = options;
  const candidates = options.candidates && itemNumbers(data, options.candidates, "recommend");
  const { history } = indexOf(run);
  const people = [...new Set(users)].map((user): Person => typeof user === "string" ? { user } : user);
  const known = people.filter((person) => isKnown(run, person));
  const block = await peopleBlock(run, known);
  const rankings = await rankItems((part) => model.score(block.encoded, block.block(part.users), config), {
    history: block.history,
    k,
    includeSeen,
    candidates,
  });
  block.release();
  const byPerson = new Map(known.map((person, n) => [person, rankings[n]]));
  const fallback = mostPopular(itemDegrees(history), k, candidates);
  return people.map((person) => {
    const ranking = byPerson.get(person);
    return { user: person.user ?? "", known: ranking !== undefined, items: described(ranking ?? fallback, data) };
  });
}

/** Returns the most popular items; of equally popular items the lower number comes first. */
function mostPopular(
  degrees: Int32Array,
  k: number,
  candidates: Iterable<number> = degrees.keys(),
): Pick<Ranking, "items"> {
  return { items: Int32Array.from(candidates).sort((a, b) => degrees[b] - degrees[a] || a - b).subarray(0, k) };
}

function described({ items, scores }: Partial<Ranking> & Pick<Ranking, "items">, data: Dataset): RecommendedItem[] {
  return Array.from(items, (item, n) => ({
    item: data.items[item],
    title: data.titles?.[item],
    score: scores?.[n] ?? null,
  }));
}
