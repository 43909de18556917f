/**
 * Visits: visitors have several tastes, and paintings have unequal fame.
 *
 * @module
 */
import { type Key, normalArray, split } from "../../core/random.ts";
import { dice, pick } from "./dice.ts";
import { imagine, MOTIFS, type Painting } from "./painting.ts";

/** The increase of the log-odds of a visit for each facet in which a painting agrees with a taste. */
const CARES = { motif: 3.4, season: 1.5, hour: 1.5, air: 0.4, manner: 2 } as const;
/** The spread of the part of the log-odds, by taste and painting, that neither words nor pixels show. */
const UNTOLD = 0.5;
/** The spread of the log-odds by fame, which is the same for all visitors. */
const FAME = 0.3;
/** The number of tastes. */
const TASTES = 64;
/** The smallest number of visits to warm paintings, and the mean of the visits above it. */
const VISITS = { least: 5, more: 10 } as const;

/** A visitor's visits: positions of paintings in the order they were visited. */
export type Visits = readonly number[];

/** Returns the attraction of every painting for every visitor: one row of positive numbers per visitor. */
export function attractions(key: Key, paintings: readonly Painting[], visitors: number): Float64Array[] {
  const [fames, tasted, mixed] = split(key, 3);
  const fame = Float64Array.from(normalArray(fames, paintings.length), (normal) => Math.exp(FAME * normal));
  const tastes = split(tasted, TASTES).map((key) => taste(key, paintings));
  return split(mixed, visitors).map((key) => {
    const roll = dice(key), [most, much, some] = [1, 2, 3].map(() => pick(roll, tastes));
    const third = roll() < 0.5 ? 0 : 0.4;
    return fame.map((factor, i) => factor * (most[i] + 0.6 * much[i] + third * some[i]));
  });
}

/** Returns the log-odds of every painting for one taste: it prefers two subjects, and one value of each other facet. */
function taste(key: Key, paintings: readonly Painting[]): Float64Array {
  const [chosen, seen] = split(key);
  const roll = dice(chosen), liked = imagine(roll), also = pick(roll, MOTIFS);
  const untold = normalArray(seen, paintings.length);
  return Float64Array.from(paintings, (painting, i) => {
    const met = (facet: "season" | "hour" | "air" | "manner") => painting[facet] === liked[facet] ? CARES[facet] : 0;
    const subject = painting.motif === liked.motif || painting.motif === also ? CARES.motif : 0;
    return Math.exp(subject + met("season") + met("hour") + met("air") + met("manner") + UNTOLD * untold[i]);
  });
}

/**
 * Returns a visitor's visits, drawn in proportion to attraction, none twice. Their number counts warm paintings only;
 * visits to cold paintings are added to it.
 */
export function visitsOf(key: Key, attraction: Float64Array, cold: ReadonlySet<number>): Visits {
  const roll = dice(key);
  const wanted = VISITS.least + Math.floor(-Math.log(1 - roll()) * VISITS.more);
  const enough = Math.min(wanted, Math.floor((attraction.length - cold.size) / 3));
  let total = 0;
  const sums = attraction.map((strength) => total += strength);
  const visits = new Set<number>();
  for (let warm = 0; warm < enough;) {
    const painting = bisect(sums, roll() * total);
    if (!visits.has(painting) && !cold.has(painting)) warm++;
    visits.add(painting);
  }
  return [...visits];
}

/** Returns the position of the first of ascending sums that is above a value. */
function bisect(sums: Float64Array, value: number): number {
  let low = 0, high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
