/**
 * Small worlds to rank: the score of every item for every user, and the training, validation and held-out items.
 *
 * @module
 */
import { fc } from "../fc.ts";
import type { Device } from "../../kernels/mod.ts";
import { entries, type Pattern, rowOf } from "../../src/core/pattern.ts";
import { fromArray } from "../../src/core/tensor.ts";
import { gather } from "../../src/ops/mod.ts";
import type { Score } from "../../src/rank/block.ts";
import { patterns } from "../support.ts";

/** Users with histories and held-out items, which may overlap, and a score of every item for each of them. */
export interface World {
  readonly scores: readonly (readonly number[])[];
  readonly history: Pattern;
  readonly validation: Pattern;
  readonly heldOut: Pattern;
}

/** Random worlds in which many scores are equal and some infinite, and at least one item is held out. */
export const worlds: fc.Arbitrary<World> = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 }))
  .chain(([users, items]) => {
    const score = fc.constantFrom(-Infinity, -1.5, 0, 0.25, 2, Infinity);
    const row = fc.array(score, { minLength: items, maxLength: items });
    return fc.record({
      scores: fc.array(row, { minLength: users, maxLength: users }),
      history: patterns(users, items),
      validation: patterns(users, items),
      heldOut: patterns(users, items).filter((held) => entries(held) > 0),
    });
  });

/** Returns the score that looks its numbers up. */
export function lookUp(scores: World["scores"], device: Device): Score {
  return ({ users }) => gather(fromArray(scores.flat(), [scores.length, scores[0].length], { device }), users);
}

/** Returns the items of every user, best first and the lower first among equals, without the items of the masks. */
export function sorted({ scores }: World, ...masks: readonly Pattern[]): number[][] {
  return scores.map((row, user) =>
    [...row.keys()]
      .filter((item) => !masks.some((mask) => rowOf(mask, user).includes(item)))
      .sort((a, b) => row[a] === row[b] ? a - b : row[a] > row[b] ? -1 : 1)
  );
}
