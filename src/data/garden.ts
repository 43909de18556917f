/**
 * The garden: a synthetic data set that comes with the library, made by code from a key. Its items are paintings of
 * motifs in every season, hour and manner, each with a title, a description and a small picture; its users are
 * visitors with tastes.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { checkedKey, choose, foldIn, type Key, split } from "../core/random.ts";
import type { Dataset, Interactions } from "./dataset.ts";
import { withEncodings } from "./encode.ts";
import { dice } from "./garden/dice.ts";
import { imagine, type Painting } from "./garden/painting.ts";
import { draw, HEIGHT, WIDTH } from "./garden/picture.ts";
import { attractions, type Visits, visitsOf } from "./garden/visits.ts";
import { describe, titlesOf } from "./garden/words.ts";
import { official } from "./split.ts";

/** The size of a {@link garden}. */
export interface GardenOptions {
  /** Number of users; 600 by default. */
  readonly users?: number | undefined;
  /** Number of items, at least 20; 400 by default. One in twenty is cold: it has held-out interactions only. */
  readonly items?: number | undefined;
}

/**
 * Returns a synthetic data set of visitors and paintings: implicit interactions, split as {@link official} does;
 * titles, descriptions, and pictures of 24 × 32 pixels; and the modalities `text` and `image` that
 * {@link withEncodings} makes of them. The same key gives the same garden, bit for bit.
 *
 * A user has two or three tastes out of a common list. A taste prefers two subjects, a season, an hour and a manner,
 * and has a random liking for each painting; the fame of a painting is the same for all users. The features show the
 * subject, the season, the hour and the manner, and not the random liking and the fame.
 *
 * @throws {ValueError} if there would be no user or fewer than 20 items.
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { garden } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { deepEqual, equal } from "node:assert/strict";
 * const { items, titles, modalities } = garden(key(0), { users: 50, items: 100 });
 * equal(items.length, 100);
 * equal(new Set(titles).size, 100);
 * deepEqual(Object.keys(modalities), ["text", "image"]);
 * ```
 */
export function garden(key: Key, { users = 600, items = 400 }: GardenOptions = {}): Dataset {
  if (!(Number.isInteger(users) && Number.isInteger(items) && users >= 1 && items >= 20)) {
    throw new ValueError(`Cannot make a garden of ${users} users and ${items} items: expected at least 1 and 20`);
  }
  const [imagined, titled, described, drawn, attracted, visited, chilled, withheld] = split(
    checkedKey("garden", key),
    8,
  );
  const paintings = split(imagined, items).map((key) => imagine(dice(key)));
  const pixels = new Uint8Array(items * HEIGHT * WIDTH * 3);
  paintings.forEach((painting, i) => pixels.set(draw(painting, dice(foldIn(drawn, i))), i * HEIGHT * WIDTH * 3));
  const cold = new Set(choose(chilled, items, Math.floor(items / 20)));
  const visits = attractions(attracted, paintings, users)
    .map((attraction, u) => visitsOf(foldIn(visited, u), attraction, cold));
  const titles = titlesOf(titled, paintings);
  return withEncodings({
    name: "garden",
    users: Array.from({ length: users }, (_, u) => `user-${pad(u + 1, users)}`),
    items: idsOf(paintings),
    interactions: hold(withheld, visits, cold),
    modalities: {},
    titles,
    texts: paintings.map((painting, i) => `${titles[i]}. ${describe(painting, foldIn(described, i))}`),
    pictures: { height: HEIGHT, width: WIDTH, pixels },
  });
}

/** Returns the visits with the official split; visits to cold paintings are in validation and test, half each. */
function hold(key: Key, visits: readonly Visits[], cold: ReadonlySet<number>): Interactions {
  const log = visits.flatMap((visit, user) => visit.map((item) => ({ user, item })));
  const users = Int32Array.from(log, ({ user }) => user), items = Int32Array.from(log, ({ item }) => item);
  const warm = Array.from(log.keys()).filter((e) => !cold.has(items[e]));
  const codes = official()({
    users: Int32Array.from(warm, (e) => users[e]),
    items: Int32Array.from(warm, (e) => items[e]),
    split: new Uint8Array(warm.length),
    times: null,
  });
  const roll = dice(key);
  const split = Uint8Array.from(log, () => roll() < 0.5 ? 1 : 2);
  warm.forEach((e, k) => split[e] = codes[k]);
  return { users, items, split, times: null };
}

/** Returns `lilies-01`, `lilies-02` and so on, numbered by subject. */
function idsOf(paintings: readonly Painting[]): string[] {
  const made = new Map<string, number>();
  return paintings.map(({ motif }) => {
    made.set(motif, (made.get(motif) ?? 0) + 1);
    return `${motif}-${pad(made.get(motif)!, 99)}`;
  });
}

function pad(number: number, most: number): string {
  return String(number).padStart(String(most).length, "0");
}
