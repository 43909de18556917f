/**
 * Smaller data sets from larger ones: the k-core.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { takeRows } from "../core/pattern.ts";
import { type Dataset, datasetOf, type Interactions, type Modality } from "./dataset.ts";
import { gatherRows } from "./features.ts";
import { takeSource } from "./sources.ts";

/**
 * Returns the k-core of a data set: the largest part of it in which every user and every item has at least k
 * interactions, of any split. The users and items of the k-core keep their order, their ids and everything that
 * describes them.
 *
 * @throws {ValueError} if k is not a whole number from 1 on, or nothing is left.
 *
 * @example
 * ```ts
 * import { garden, kCore } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { ok } from "node:assert/strict";
 * const data = garden(key(0));
 * ok(kCore(data, 5).users.length <= data.users.length);
 * ```
 */
export function kCore(data: Dataset, k: number): Dataset {
  if (!(Number.isInteger(k) && k >= 1)) {
    throw new ValueError(`Cannot take the ${k}-core of "${data.name}": k is a whole number from 1 on`);
  }
  const { users, items } = data.interactions;
  const enough = (column: Int32Array, at: Int32Array, count: number) => {
    const degrees = new Int32Array(count);
    at.forEach((e) => degrees[column[e]]++);
    return degrees.map((degree) => degree >= k ? 1 : 0);
  };
  let kept = Int32Array.from(users.keys());
  for (let before = -1; before !== kept.length;) {
    before = kept.length;
    const keptUsers = enough(users, kept, data.users.length), keptItems = enough(items, kept, data.items.length);
    kept = kept.filter((e) => keptUsers[users[e]] === 1 && keptItems[items[e]] === 1);
  }
  if (kept.length === 0) {
    throw new ValueError(`Cannot take the ${k}-core of "${data.name}": nothing is left; choose a smaller k`);
  }
  return renumbered({ ...data, interactions: takeInteractions(data.interactions, kept) });
}

/** Returns the interactions at the listed positions, in that order. */
export function takeInteractions({ users, items, split, times }: Interactions, at: Int32Array): Interactions {
  return {
    users: at.map((e) => users[e]),
    items: at.map((e) => items[e]),
    split: new Uint8Array(at).map((_, k) => split[at[k]]),
    times: times && new Float64Array(at).map((e) => times[e]),
  };
}

/** Returns a data set without the users and items that have no interactions. */
function renumbered(data: Dataset): Dataset {
  const { users, items } = data.interactions;
  const oldUsers = new Int32Array(new Set(users)).sort(), oldItems = new Int32Array(new Set(items)).sort();
  const newUsers = inverse(oldUsers, data.users.length), newItems = inverse(oldItems, data.items.length);
  const taken = (list: readonly string[]) => Array.from(oldItems, (i) => list[i]);
  const { titles, texts, pictures } = data;
  return datasetOf({
    ...data,
    users: Array.from(oldUsers, (u) => data.users[u]),
    items: taken(data.items),
    interactions: { ...data.interactions, users: users.map((u) => newUsers[u]), items: items.map((i) => newItems[i]) },
    modalities: Object.fromEntries(Object.entries(data.modalities).map(([name, m]) => [name, takeItems(m, oldItems)])),
    titles: titles && taken(titles),
    texts: texts && taken(texts),
    pictures: pictures &&
      { ...pictures, pixels: gatherRows(pictures.pixels, oldItems, pictures.height * pictures.width * 3) },
  });
}

function inverse(old: Int32Array, count: number): Int32Array {
  const out = new Int32Array(count);
  old.forEach((before, now) => out[before] = now);
  return out;
}

function takeItems(modality: Modality, items: Int32Array): Modality {
  if (modality.kind === "source") return takeSource(modality, items);
  const known = Uint8Array.from(items, (i) => modality.known[i]);
  if (modality.kind === "dense") {
    return { ...modality, values: gatherRows(modality.values, items, modality.columns), known };
  }
  const { offsets } = modality.pattern;
  const values = Array.from(items, (i) => [...modality.values.subarray(offsets[i], offsets[i + 1])]).flat();
  return { kind: "sparse", pattern: takeRows(modality.pattern, items), values: new Float32Array(values), known };
}
