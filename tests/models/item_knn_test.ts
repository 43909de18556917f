/** Item-kNN: its similarities, the effect of k, its scores, and the known numbers on real data. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { degree, hasEntry, type Pattern, rowOf } from "../../src/core/pattern.ts";
import { configure } from "../../src/core/settings.ts";
import { ones, readSync } from "../../src/core/tensor.ts";
import { histories } from "../../src/data/dataset.ts";
import { readDataset } from "../../src/data/formats/mod.ts";
import { official } from "../../src/data/split.ts";
import { itemKnn, type Similarities, similarities, strongest } from "../../src/models/item_knn.ts";
import { csr, mul, scale, shift, toDense } from "../../src/ops/mod.ts";
import type { Score } from "../../src/rank/block.ts";
import { evaluateScore } from "../../src/rank/evaluate.ts";
import { assertClose, patterns } from "../support.ts";
import { dataset, everyone } from "./worlds.ts";
import { absent, DATA } from "../shared_data.ts";

const range = (n: number): number[] => [...Array(n).keys()];
const known = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 7 }))
  .chain(([users, items]) => patterns(users, items));

/** Returns s_ij for all i and j. */
function plainly(history: Pattern, shrink: number): number[][] {
  const users = range(history.rows);
  const both = (i: number, j: number) =>
    users.filter((user) => hasEntry(history, user, i) && hasEntry(history, user, j)).length;
  const items = range(history.columns);
  return items.map((i) =>
    items.map((j) => i === j || both(i, j) === 0 ? 0 : both(i, j) / (Math.sqrt(both(i, i) * both(j, j)) + shrink))
  );
}

const dense = ({ pattern, weights }: Similarities): number[][] =>
  range(pattern.rows).map((i) => {
    const row = Array<number>(pattern.columns).fill(0);
    rowOf(pattern, i).forEach((j, n) => row[j] = weights[pattern.offsets[i] + n]);
    return row;
  });

Deno.test("similarities() are cosines of items' users, in [0, 1], symmetric, and smaller with shrinkage", () => {
  fc.assert(fc.property(known, fc.constantFrom(0, 0.5, 10), (history, shrink) => {
    const found = dense(similarities(history, { shrink }));
    assertClose(found.flat(), plainly(history, shrink).flat(), 1e-6);
    found.forEach((row, i) => row.forEach((s, j) => assert(s === found[j][i] && s >= 0 && s <= 1 + 1e-6)));
    const cosines = dense(similarities(history, { shrink: 0 })).flat();
    found.flat().forEach((s, n) => assert(s <= cosines[n]));
  }));
});

Deno.test("strongest() keeps the k largest of each row, the lower item first among equals, and all with k = 0", () => {
  fc.assert(fc.property(known, fc.nat(4), (history, k) => {
    const all = similarities(history, { shrink: 0 });
    const { pattern, weights } = strongest(all, k);
    for (const item of range(pattern.rows)) {
      const row = Array.from(rowOf(all.pattern, item), (j, n) => [j, all.weights[all.pattern.offsets[item] + n]]);
      const best = row.toSorted((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, k || row.length);
      const kept = Array.from(rowOf(pattern, item), (j, n) => [j, weights[pattern.offsets[item] + n]]);
      assertEquals(kept, best.toSorted((a, b) => a[0] - b[0]));
      assertEquals(degree(pattern, item), k ? Math.min(k, row.length) : row.length);
    }
  }));
});

Deno.test("score() adds up the similarities to a user's items, for any users of a block", () => {
  fc.assert(fc.property(known, fc.constantFrom(0, 2), (history, neighbours) => {
    const train = range(history.rows).map((user) => [...rowOf(history, user)]);
    const data = dataset({ train, modalities: {}, items: history.columns });
    const config = configure(itemKnn.settings, { neighbours });
    const context = itemKnn.prepare(data, config);
    const s = dense(strongest(similarities(history, config), neighbours));
    const expected = train.flatMap((own) =>
      range(history.columns).map((j) => own.reduce((sum, i) => sum + s[i][j], 0))
    );
    assertClose(readSync(itemKnn.score(itemKnn.encode({}, context), everyone(history), config)), expected, 1e-5);
  }));
});

/**
 * Metrics on the official splits, with all neighbours: computed in 64-bit floats with the lower item first among ties,
 * and from an independent computation that breaks ties in another way.
 */
const ANCHORS = {
  "men-clothing": { ours: [0.0012, 0.0231, 0.0093, 0.0092], theirs: [0.0011, 0.0227, 0.0092, 0.0092] },
  office: { ours: [0.0076, 0.1181, 0.0667, 0.0588], theirs: [0.0076, 0.1181, 0.0668, 0.0589] },
};

for (const [name, { ours, theirs }] of Object.entries(ANCHORS)) {
  Deno.test({
    name: `itemknn on ${name} gives the known numbers, whichever way ties go (needs ../shared/data)`,
    ignore: absent(name),
    fn: async () => {
      const data = await readDataset(DATA + name, { split: official() });
      const [history, heldOut] = [histories(data, "train"), histories(data, "test")];
      const config = configure(itemKnn.settings, {});
      const context = itemKnn.prepare(data, config);
      const found = async (score: Score) => {
        const { metrics } = await evaluateScore(score, { history, heldOut, cutoffs: [20] });
        const names = ["precision@20", "recall@20", "ndcgRetrieved@20", "ndcg@20"] as const;
        return names.map((metric) => Number(metrics[metric].toFixed(4)));
      };
      const score: Score = (block) => itemKnn.score(context, block, config);
      /** Scores in which held-out items win ties, or lose them. */
      const tilted = (by: number): Score => (block) => {
        const rows = block.users;
        const own = Array.from(rows).flatMap((user) => [...rowOf(heldOut, user)]);
        const offsets = Array.from(rows).reduce((all, user) => [...all, all.at(-1)! + degree(heldOut, user)], [0]);
        const marked = {
          ...heldOut,
          rows: rows.length,
          offsets: Int32Array.from(offsets),
          indices: Int32Array.from(own),
        };
        const marks = toDense(csr(marked, ones([own.length])));
        return mul(score(block), shift(scale(marks, by), 1));
      };
      assertEquals(await found(score), ours);
      const [worst, best] = [await found(tilted(-1e-5)), await found(tilted(1e-5))];
      theirs.forEach((x, n) => assert(worst[n] <= x && x <= best[n], `${x} is not in [${worst[n]}, ${best[n]}]`));
    },
  });
}
