/**
 * A run that answers: lists by blocks, reasons, items that are alike, and interactions that are kept. A newer run takes
 * its place between two blocks.
 *
 * @module
 */
import { explain, type Explanation } from "../runs/explain.ts";
import { foldInOf } from "../runs/fold_in.ts";
import { indexOf, isKnown, type Person } from "../runs/people.ts";
import type { Recommendation } from "../runs/recommend.ts";
import type { Run } from "../runs/run.ts";
import { similar, type SimilarItems } from "../runs/similar.ts";
import { batched, turn } from "./batch.ts";
import type { Events, InteractionEvent } from "./events.ts";
import { type Categories, listsOf, type Wanted } from "./lists.ts";
import type { Measures } from "./measures.ts";
import { Refusal } from "./problem.ts";
import type { Limits } from "./limits.ts";

/** A list, and the run and the person that it was made with. */
export interface Listed extends Recommendation {
  readonly run: Run;
  readonly person: Person;
  /** The ids of the request's history that the run does not know. */
  readonly ignored: readonly string[];
}

/** A run that answers. */
export interface Service {
  /** Returns the run that answers now. */
  readonly run: () => Run;
  /** Returns the list for a person; items that arrived as events belong to the history. */
  readonly list: (wanted: Wanted) => Promise<Listed>;
  /** Returns the reasons for the items of a list. */
  readonly reasons: (list: Listed) => Promise<readonly Explanation[]>;
  /** Returns the items that are like an item. */
  readonly similar: (item: string, k: number) => Promise<SimilarItems>;
  /** Keeps interactions. They are on the disk when the promise is kept. Returns the number of new interactions. */
  readonly keep: (events: readonly InteractionEvent[]) => Promise<number>;
  /** Loads a newer run. The requests that the former run began to answer end with it. */
  readonly load: (open: () => Promise<Run>) => Promise<void>;
}

/** The parts of a service. */
export interface ServiceParts {
  readonly run: Run;
  readonly events: Events | null;
  readonly categories: Categories;
  readonly limits: Limits;
  readonly measures: Measures;
}

/** Answers that a run is asked for again and again. */
const REMEMBERED = 1000;

/** Returns a run that answers. */
export async function newService({ run, events, categories, limits, measures }: ServiceParts): Promise<Service> {
  let current = await prepared(run);
  const alike = new WeakMap<Run, Map<string, Promise<SimilarItems>>>();
  const bounds = { most: limits.block, waiting: limits.waiting };
  return {
    run: () => current,
    list: batched(async (wanted) => {
      const run = current;
      const people = wanted.map(({ person }) => withEvents(run, person, events));
      const lists = await listsOf(run, wanted.map((one, n) => ({ ...one, person: people[n] })), categories);
      const { items } = indexOf(run);
      return lists.map((list, n) => ({
        ...list,
        run,
        person: people[n],
        ignored: (wanted[n].person.items ?? []).filter((id) => !items.has(id)),
      }));
    }, { ...bounds, sized: measures.scored }),
    reasons: async ({ run, person, items, known }) => {
      const found: Explanation[] = [];
      for (const { item } of known ? items : []) {
        await turn();
        found.push(await explain(run, person, item));
      }
      return found;
    },
    similar: (item, k) => {
      const run = current;
      if (!indexOf(run).items.has(item)) throw new Refusal(404, `the run has no item "${item}"`);
      const known = alike.get(run) ?? new Map<string, Promise<SimilarItems>>();
      alike.set(run, known);
      const asked = `${k} ${item}`;
      const found = known.get(asked) ?? similar(run, item, { k });
      if (!known.has(asked) && known.size >= REMEMBERED) known.delete(known.keys().next().value!);
      known.set(asked, found);
      found.catch(() => known.delete(asked));
      return found;
    },
    keep: events
      ? batched((lists: readonly (readonly InteractionEvent[])[]) => {
        const added = events.appendLists(lists);
        measures.kept(added.reduce((sum, count) => sum + count, 0));
        return Promise.resolve(added);
      }, bounds)
      : () => Promise.reject(new Refusal(501, "the server keeps no interactions; start it with --events FILE")),
    load: async (open) => {
      try {
        current = await prepared(await open());
        measures.loaded("loaded");
      } catch (error) {
        measures.loaded("failed");
        throw error;
      }
    },
  };
}

/** Makes the parts of a run that its first requests would wait for. */
async function prepared(run: Run): Promise<Run> {
  indexOf(run);
  if (run.model.foldInUser) await foldInOf(run);
  return run;
}

/** Returns a person with the items that arrived since the training, without items that the run does not know. */
function withEvents(run: Run, person: Person, events: Events | null): Person {
  const { items: known } = indexOf(run);
  const since = person.user === undefined ? [] : events?.itemsOf(person.user) ?? [];
  const items = [...since, ...person.items ?? []].filter((id) => known.has(id));
  const whole = { ...person, items };
  // Weights and β have no effect on the most popular items.
  return isKnown(run, whole) ? whole : { user: person.user };
}
