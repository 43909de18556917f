/** Tests of evaluation, against nested arrays and against known numbers on real data. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { reference } from "../../kernels/mod.ts";
import { type Pattern, patternFromCoo, rowIndices, rowOf } from "../../src/core/pattern.ts";
import { histories } from "../../src/data/dataset.ts";
import { readDataset } from "../../src/data/formats/mod.ts";
import { official } from "../../src/data/split.ts";
import { popularity } from "../../src/models/popularity.ts";
import {
  evaluateItems,
  evaluateRankings,
  evaluateScore,
  type Evaluation,
  perUserMetrics,
} from "../../src/rank/evaluate.ts";
import { type Hits, METRICS } from "../../src/rank/metrics.ts";
import { rankItems } from "../../src/rank/recommend.ts";
import { devices, runsOn } from "../support.ts";
import { lookUp, sorted, type World, worlds } from "./worlds.ts";
import { absent, DATA } from "../shared_data.ts";

const cutoffs = [1, 2, 4];
const LONGEST = 4;
const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const mean = (xs: readonly number[]): number => sum(xs) / xs.length;
const ratio = (a: number, b: number): number => b === 0 ? 0 : a / b;
const dcg = (r: readonly number[]): number => sum(r.map((hit, p) => hit / Math.log2(p + 2)));

/** Returns the metrics of one list at one cutoff, from its vector of hits r, as long as the longest cutoff, and |T|. */
function naiveMetrics(r: readonly number[], held: number, k: number): Record<string, number> {
  const top = r.slice(0, k), found = sum(top);
  const precisions = top.map((hit, p) => hit * sum(top.slice(0, p + 1)) / (p + 1));
  const ones = Array.from({ length: Math.min(k, held) }, () => 1);
  return {
    [`recall@${k}`]: found / held,
    [`precision@${k}`]: found / k,
    [`ndcg@${k}`]: dcg(top) / dcg(ones),
    [`ndcgRetrieved@${k}`]: ratio(dcg(top), dcg(r.toSorted((a, b) => b - a).slice(0, k))),
    [`hitRate@${k}`]: Math.min(1, found),
    [`mrr@${k}`]: found === 0 ? 0 : 1 / (top.indexOf(1) + 1),
    [`map@${k}`]: sum(precisions) / Math.min(k, held),
  };
}

/** Returns the evaluation, computed on nested arrays. */
function naive(world: World, masks: readonly Pattern[]): Evaluation {
  const lists = sorted(world, world.history, ...masks).map((list) => list.slice(0, LONGEST));
  const items = world.scores[0].length;
  const degrees = world.scores[0].map((_, item) => world.history.indices.filter((i) => i === item).length);
  const held = world.scores.map((_, user) => [...rowOf(world.heldOut, user)]);
  const judged = (wanted: (item: number) => boolean) => {
    const each = held.flatMap((all, user) => {
      const own = all.filter(wanted);
      if (own.length === 0) return [];
      const r = Array.from({ length: LONGEST }, (_, p) => Number(own.includes(lists[user][p])));
      return [Object.assign({}, ...cutoffs.map((k) => naiveMetrics(r, own.length, k)))];
    });
    const names = Object.keys(each[0] ?? {});
    return { users: each.length, metrics: Object.fromEntries(names.map((n) => [n, mean(each.map((m) => m[n]))])) };
  };
  const shown = Object.assign(
    {},
    ...cutoffs.map((k) => {
      const all = lists.flatMap((list, user) => held[user].length > 0 ? list.slice(0, k) : []);
      const counts = degrees.map((_, item) => all.filter((i) => i === item).length);
      const differences = sum(counts.flatMap((a) => counts.map((b) => Math.abs(a - b))));
      return {
        [`coverage@${k}`]: new Set(all).size / items,
        [`gini@${k}`]: ratio(differences, 2 * items * all.length),
        [`popularity@${k}`]: ratio(sum(all.map((item) => degrees[item])), all.length),
      };
    }),
  );
  const order = [...degrees.keys()].sort((a, b) => degrees[b] - degrees[a] || a - b);
  const groups = [0, 1, 2, 3, 4].map((g) => {
    const members = order.filter((_, place) => Math.floor(place * 5 / items) === g);
    const { users, metrics } = judged((item) => members.includes(item));
    return { items: members.length, users, metrics: users > 0 ? metrics : null };
  });
  const { users, metrics } = judged(() => true);
  return { users, metrics: { ...metrics, ...shown }, groups };
}

/** Fails unless two values are equal, numbers to within rounding. */
function assertAlike(actual: unknown, expected: unknown): void {
  if (typeof actual === "number") assertAlmostEquals(actual, expected as number, 1e-12);
  else if (typeof actual !== "object" || actual === null) assertEquals(actual, expected);
  else {
    assertEquals(Object.keys(actual).sort(), Object.keys(expected as object).sort());
    for (const [name, part] of Object.entries(actual)) assertAlike(part, (expected as Record<string, unknown>)[name]);
  }
}

for (const device of devices) {
  Deno.test(`evaluateScore() agrees with nested arrays on ${device.name}`, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.boolean(), async (world, mask) => {
        const { history, heldOut, validation, scores } = world;
        const exclude = mask ? [validation] : [];
        const score = lookUp(scores, device);
        assertAlike(
          await evaluateScore(score, { history, heldOut, exclude, cutoffs, groups: true }),
          naive(world, exclude),
        );
      }),
      runsOn(device, 100),
    );
  });
}

Deno.test("evaluateScore() gives the same bits every time, for every budget, also as JSON", async () => {
  await fc.assert(fc.asyncProperty(worlds, fc.integer({ min: 1, max: 1500 }), async (world, budget) => {
    const { history, heldOut, scores } = world;
    const score = lookUp(scores, reference);
    const first = await evaluateScore(score, { history, heldOut, groups: true });
    assertEquals(await evaluateScore(score, { history, heldOut, groups: true, budget }), first);
    assertEquals(JSON.parse(JSON.stringify(first)), first);
  }));
});

Deno.test("evaluateScore() does not depend on how users are numbered", async () => {
  await fc.assert(fc.asyncProperty(worlds, async (world) => {
    const turned = (pattern: Pattern): Pattern =>
      patternFromCoo(
        [pattern.rows, pattern.columns],
        rowIndices(pattern).map((user) => pattern.rows - 1 - user),
        pattern.indices,
      );
    const of = ({ scores, history, heldOut }: World): Promise<Evaluation> =>
      evaluateScore(lookUp(scores, reference), { history, heldOut, groups: true });
    const { scores, history, heldOut } = world;
    const other = { ...world, scores: scores.toReversed(), history: turned(history), heldOut: turned(heldOut) };
    assertAlike(await of(other), await of(world));
  }));
});

Deno.test("evaluateScore() does not depend on how items are numbered where no scores are equal", async () => {
  await fc.assert(fc.asyncProperty(worlds, async (world) => {
    const items = world.scores[0].length;
    const scores = world.scores.map((_, user) => Array.from({ length: items }, (_, i) => (i * 7 + user * 3) % 11));
    const turned = (pattern: Pattern): Pattern =>
      patternFromCoo([pattern.rows, items], rowIndices(pattern), pattern.indices.map((item) => items - 1 - item));
    const of = (scores: World["scores"], history: Pattern, heldOut: Pattern): Promise<Evaluation> =>
      evaluateScore(lookUp(scores, reference), { history, heldOut });
    const { history, heldOut } = world;
    const flipped = scores.map((row) => row.toReversed());
    assertAlike(await of(flipped, turned(history), turned(heldOut)), await of(scores, history, heldOut));
  }));
});

Deno.test("evaluateScore() does not score users without held-out items", async () => {
  const history = patternFromCoo([3, 2], [0, 1], [1, 0]);
  const asked: number[] = [];
  const score = lookUp([[2, 1], [2, 1], [2, 1]], reference);
  const { users, metrics } = await evaluateScore((block) => {
    asked.push(...block.users);
    return score(block);
  }, { history, heldOut: patternFromCoo([3, 2], [0, 2], [0, 1]), cutoffs: [1] });
  assertEquals([users, asked, metrics["recall@1"]], [2, [0, 2], 0.5]);
});

/** Rank-biased precision with persistence 0.8 (Moffat and Zobel, 2008): a metric that the library does not have. */
const rbp = ({ ranks }: Hits, k: number): number =>
  0.2 * sum(ranks.filter((rank) => rank <= k).map((rank) => 0.8 ** (rank - 1)));

Deno.test("evaluateScore() evaluates by custom metrics, for all users, per user and in groups", async () => {
  await fc.assert(fc.asyncProperty(worlds, async ({ scores, history, heldOut }) => {
    const score = lookUp(scores, reference);
    const options = { history, heldOut, cutoffs, groups: true };
    const standard = await evaluateScore(score, options);
    const both = await evaluateScore(score, { ...options, metrics: { ...METRICS, rbp } });
    const only = await evaluateScore(score, { ...options, metrics: { rbp } });
    const { values } = perUserMetrics(await rankItems(score, { history }), heldOut, { cutoffs, metrics: { rbp } });
    for (const k of cutoffs) {
      assertEquals(only.metrics[`rbp@${k}`], both.metrics[`rbp@${k}`]);
      assertEquals(only.metrics[`rbp@${k}`], mean([...values[`rbp@${k}`]]));
      assertEquals(only.metrics[`gini@${k}`], standard.metrics[`gini@${k}`]);
      only.groups!.forEach(({ users, metrics }, n) => {
        assertEquals(typeof metrics?.[`rbp@${k}`], users > 0 ? "number" : "undefined");
        assertEquals(metrics?.[`rbp@${k}`], both.groups![n].metrics?.[`rbp@${k}`]);
      });
      for (const name of ["recall", "map"] as const) {
        assertEquals(both.metrics[`${name}@${k}`], standard.metrics[`${name}@${k}`]);
      }
    }
    assertEquals(Object.keys(only.metrics).filter((name) => /^(recall|ndcg)/.test(name)), []);
    // @ts-expect-error: only the given metrics are in the result
    assertEquals(only.metrics["recall@4"], undefined);
  }));
});

Deno.test("evaluateScore() with candidates is evaluateScore() in a world without the other items", async () => {
  await fc.assert(fc.asyncProperty(worlds, fc.array(fc.nat(8), { minLength: 1 }), async (world, some) => {
    const { scores, history, heldOut } = world;
    const candidates = [...new Set(some)].filter((item) => item < scores[0].length).sort((a, b) => a - b);
    const smaller = (pattern: Pattern): Pattern => {
      const rows = scores.map((_, user) => [...rowOf(pattern, user)].filter((item) => candidates.includes(item)));
      return patternFromCoo(
        [scores.length, candidates.length],
        rows.flatMap((row, user) => row.map(() => user)),
        rows.flat().map((item) => candidates.indexOf(item)),
      );
    };
    fc.pre(smaller(heldOut).indices.length > 0);
    const score = lookUp(scores, reference);
    const own = patternFromCoo(
      [scores.length, scores[0].length],
      scores.flatMap((_, user) => candidates.map(() => user)),
      scores.flatMap(() => candidates),
    );
    const among = await evaluateScore(score, { history, heldOut, cutoffs, candidates });
    assertEquals(await evaluateScore(score, { history, heldOut, cutoffs, candidates: own }), among);
    const expected = await evaluateScore(
      lookUp(scores.map((row) => candidates.map((item) => row[item])), reference),
      { history: smaller(history), heldOut: smaller(heldOut), cutoffs },
    );
    assertEquals(among.users, expected.users);
    for (const name of Object.keys(METRICS)) {
      for (const k of cutoffs) {
        assertEquals(among.metrics[`${name as "recall"}@${k}`], expected.metrics[`${name as "recall"}@${k}`]);
      }
    }
  }));
});

Deno.test("perUserMetrics() gives the values whose means evaluateScore() reports", async () => {
  await fc.assert(fc.asyncProperty(worlds, async ({ scores, history, heldOut }) => {
    const score = lookUp(scores, reference);
    const { users, values } = perUserMetrics(await rankItems(score, { history }), heldOut);
    const evaluation = await evaluateScore(score, { history, heldOut });
    assertEquals([...users], [...new Set(rowIndices(heldOut))]);
    for (const [name, each] of Object.entries(values)) {
      assertEquals(mean([...each]), evaluation.metrics[name as "recall@20"]);
    }
  }));
});

Deno.test("evaluateRankings() of rankings is evaluateScore() of their score", async () => {
  await fc.assert(fc.asyncProperty(worlds, async ({ scores, history, heldOut }) => {
    const score = lookUp(scores, reference);
    const users = Int32Array.from(new Set(rowIndices(heldOut)));
    const rankings = await rankItems(score, { history, users, k: LONGEST });
    const options = { history, heldOut, cutoffs, groups: true };
    assertEquals(evaluateRankings(rankings, options), await evaluateScore(score, options));
  }));
});

Deno.test("evaluateItems() adds up over disjoint groups, and of all items it is evaluateRankings()", async () => {
  await fc.assert(fc.asyncProperty(worlds, fc.nat(9), async ({ scores, history, heldOut }, cut) => {
    const rankings = await rankItems(lookUp(scores, reference), { history, k: LONGEST });
    const items = scores[0].map((_, item) => item);
    const hits = (of: readonly number[]) => {
      const { metrics, users } = evaluateItems(rankings, of, { heldOut, cutoffs: [LONGEST] });
      return (metrics?.[`precision@${LONGEST}`] ?? 0) * users;
    };
    assertAlmostEquals(hits(items.slice(0, cut)) + hits(items.slice(cut)), hits(items), 1e-9);
    const { items: count, users, metrics } = evaluateItems(rankings, items, { heldOut, cutoffs });
    const whole = evaluateRankings(rankings, { history, heldOut, cutoffs });
    assertEquals([count, users], [items.length, whole.users]);
    for (const [name, value] of Object.entries(metrics!)) assertEquals(value, whole.metrics[name as "recall@20"]);
  }));
});

Deno.test("evaluateScore() and perUserMetrics() refuse wrong options", async () => {
  const history = patternFromCoo([1, 2], [0], [0]);
  const score = lookUp([[1, 2]], reference);
  const nothing = patternFromCoo([1, 2], [], []);
  await assertRejects(
    () => evaluateScore(score, { history, heldOut: nothing }),
    ValueError,
    "Cannot evaluate a ranking: no item is held out; choose a split that holds some out",
  );
  await assertRejects(
    () => evaluateScore(score, { history, heldOut: patternFromCoo([1, 3], [0], [2]) }),
    ValueError,
    "Cannot evaluate held-out items [1, 3] with a history [1, 2]: users and items must match",
  );
  for (const budget of [0, -1, NaN]) {
    await assertRejects(
      () => evaluateScore(score, { history, heldOut: patternFromCoo([1, 2], [0], [1]), budget }),
      ValueError,
      `Cannot rank items within ${budget} bytes: the budget must be above 0`,
    );
  }
  const heldOut = patternFromCoo([1, 2], [0], [1]);
  await assertRejects(
    () => evaluateScore(score, { history, heldOut, candidates: [0] }),
    ValueError,
    "Cannot evaluate a ranking: no held-out item is a candidate",
  );
  await assertRejects(
    () => evaluateScore(score, { history, heldOut, candidates: [2] }),
    ValueError,
    "Cannot evaluateScore with the candidate 2: items are numbered from 0 to 1",
  );
  await assertRejects(
    () => evaluateScore(score, { history, heldOut, metrics: { ...METRICS, gini: rbp } }),
    ValueError,
    'Cannot evaluate by a metric "gini": every evaluation has a number of this name',
  );
  for (const cutoffs of [[], [10, 0], [2.5]]) {
    assertThrows(
      () => perUserMetrics([], nothing, { cutoffs }),
      ValueError,
      `Cannot evaluate at the cutoffs [${cutoffs.join(", ")}]: whole numbers above 0 are needed`,
    );
    await assertRejects(
      () => evaluateScore(score, { history, heldOut: history, cutoffs }),
      ValueError,
      "Cannot evaluate at",
    );
  }
});

const ANCHORS = {
  "men-clothing": { "precision@20": 0.0023, "recall@20": 0.0466, "ndcgRetrieved@20": 0.0186, "ndcg@20": 0.0185 },
  office: { "precision@20": 0.0038, "recall@20": 0.0547, "ndcgRetrieved@20": 0.0281, "ndcg@20": 0.0231 },
  tiktok: { "recall@20": 0.0597 },
};

for (const [name, anchors] of Object.entries(ANCHORS)) {
  Deno.test({
    name: `evaluateScore() of popularity on ${name} gives the known numbers (needs ../shared/data)`,
    ignore: absent(name),
    fn: async () => {
      const split = name === "tiktok" ? undefined : official();
      const data = await readDataset(DATA + name, { split });
      const context = popularity.prepare(data, {});
      const { metrics } = await evaluateScore((block) => popularity.score(context, block, {}), {
        history: histories(data, "train"),
        heldOut: histories(data, "test"),
      });
      for (const [metric, expected] of Object.entries(anchors)) {
        const value = metrics[metric as "recall@20"];
        assert(Number(value.toFixed(4)) === expected, `${metric} is ${value}, expected ${expected}`);
      }
    },
  });
}
