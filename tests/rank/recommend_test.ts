/** Tests of rankings. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { fc } from "../fc.ts";
import { reference } from "../../kernels/mod.ts";
import { type Pattern, patternFromCoo, rowOf } from "../../src/core/pattern.ts";
import { type Tensor, zeros } from "../../src/core/tensor.ts";
import type { Score } from "../../src/rank/block.ts";
import type { CandidateItems } from "../../src/rank/candidates.ts";
import { rankItems } from "../../src/rank/recommend.ts";
import { devices, patterns, runsOn } from "../support.ts";
import { lookUp, sorted, worlds } from "./worlds.ts";

const lengths = fc.integer({ min: 1, max: 12 });

for (const device of devices) {
  Deno.test(`rankItems() agrees with sorting all scores on ${device.name}`, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, lengths, async (world, k) => {
        const { history, validation, scores } = world;
        const score = lookUp(scores, device);
        const given = async (options: object): Promise<number[][]> =>
          (await rankItems(score, { history, k, ...options })).map(({ items }) => [...items]);
        const expected = (lists: number[][]): number[][] => lists.map((list) => list.slice(0, k));
        assertEquals(await given({}), expected(sorted(world, history)));
        assertEquals(await given({ exclude: [validation] }), expected(sorted(world, history, validation)));
        assertEquals(await given({ exclude: [validation], includeSeen: true }), expected(sorted(world, validation)));
        assertEquals(await given({ includeSeen: true }), expected(sorted(world)));
      }),
      runsOn(device, 100),
    );
  });

  Deno.test(`rankItems() does not depend on the budget on ${device.name}`, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, lengths, fc.integer({ min: 1, max: 1500 }), async (world, k, budget) => {
        const score = lookUp(world.scores, device);
        const { history } = world;
        assertEquals(await rankItems(score, { history, k, budget }), await rankItems(score, { history, k }));
      }),
      runsOn(device, 100),
    );
  });
}

for (const device of devices) {
  Deno.test(`rankItems() ranks candidates only, given as a list or as a pattern, on ${device.name}`, async () => {
    const cases = worlds.chain((world) => {
      const [users, items] = [world.scores.length, world.scores[0].length];
      return fc.record({
        world: fc.constant(world),
        list: fc.array(fc.nat(items - 1), { maxLength: 12 }),
        own: patterns(users, items),
        budget: fc.integer({ min: 1, max: 1500 }),
      });
    });
    await fc.assert(
      fc.asyncProperty(cases, lengths, async ({ world, list, own, budget }, k) => {
        const { history, validation, scores } = world;
        const given = async (candidates: CandidateItems, options: object = {}): Promise<number[][]> => {
          const rankings = await rankItems(lookUp(scores, device), { history, k, budget, candidates, ...options });
          return rankings.map(({ items }) => [...items]);
        };
        const expected = (open: (user: number) => readonly number[], ...masks: Pattern[]): number[][] =>
          sorted(world, ...masks).map((all, user) => all.filter((item) => open(user).includes(item)).slice(0, k));
        assertEquals(await given(list), expected(() => list, history));
        assertEquals(await given(Int32Array.from(list), { includeSeen: true }), expected(() => list));
        const of = (user: number) => [...rowOf(own, user)];
        assertEquals(await given(own, { exclude: [validation] }), expected(of, history, validation));
      }),
      runsOn(device, 100),
    );
  });
}

Deno.test("rankItems() of all items as candidates is rankItems() without candidates", async () => {
  await fc.assert(fc.asyncProperty(worlds, lengths, async ({ scores, history }, k) => {
    const score = lookUp(scores, reference);
    const candidates = [...scores[0].keys()];
    assertEquals(await rankItems(score, { history, k, candidates }), await rankItems(score, { history, k }));
  }));
});

Deno.test("rankItems() ranks the given users in their order, with scores", async () => {
  const history = patternFromCoo([3, 3], [2], [0]);
  const score = lookUp([[1, 2, 3], [6, 5, 4], [9, 7, 8]], reference);
  assertEquals(await rankItems(score, { history, users: Int32Array.of(2, 0, 2), k: 5 }), [
    { user: 2, items: Int32Array.of(2, 1), scores: Float32Array.of(8, 7) },
    { user: 0, items: Int32Array.of(2, 1, 0), scores: Float32Array.of(3, 2, 1) },
    { user: 2, items: Int32Array.of(2, 1), scores: Float32Array.of(8, 7) },
  ]);
  assertEquals(await rankItems(score, { history, users: new Int32Array(0) }), []);
});

Deno.test("rankItems() gives a shorter or empty list where fewer items may be ranked", async () => {
  const history = patternFromCoo([2, 2], [0, 0, 1], [0, 1, 1]);
  const lists = await rankItems(lookUp([[1, 2], [1, 2]], reference), { history, k: 2 });
  assertEquals(lists.map(({ items, scores }) => [[...items], [...scores]]), [[[], []], [[0], [1]]]);
});

for (const device of devices) {
  Deno.test(`rankItems() frees the scores, also when it fails, on ${device.name}`, async () => {
    const made: Tensor[] = [];
    const keep = (score: Score): Score => (block) => {
      const scores = score(block);
      made.push(scores);
      return scores;
    };
    const history = patternFromCoo([3, 2], [0, 2], [0, 1]);
    await rankItems(keep(lookUp([[1, 2], [3, 4], [5, 6]], device)), { history, budget: 1 });
    await assertRejects(() => rankItems(keep(lookUp([[1, 2], [NaN, 4], [5, 6]], device)), { history }));
    assertEquals(made.length, 4);
    assert(made.every(({ storage }) => storage.freed));
  });

  Deno.test(`rankItems() refuses a score that is NaN, and names its user and item, on ${device.name}`, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.nat(), fc.integer({ min: 1, max: 1500 }), async (world, at, budget) => {
        const { scores, history } = world;
        const [user, item] = [at % scores.length, at % scores[0].length];
        const spoilt = scores.map((row, u) => row.map((score, i) => u === user && i === item ? NaN : score));
        await assertRejects(
          () => rankItems(lookUp(spoilt, device), { history, budget }),
          ValueError,
          `Cannot rank items for user ${user}: the score of item ${item} is NaN; ` +
            "look for NaN in the features, or train with a lower learning rate",
        );
      }),
      runsOn(device, 100),
    );
  });
}

Deno.test("rankItems() refuses wrong options and scores", async () => {
  const history = patternFromCoo([2, 3], [0], [0]);
  const score = lookUp([[1, 2, 3], [1, 2, 3]], reference);
  const refusals: [() => Promise<unknown>, string][] = [
    [() => rankItems(score, { history, k: 0 }), "Cannot rank 0 items: k is a whole number above 0"],
    [() => rankItems(score, { history, k: 1.5 }), "Cannot rank 1.5 items: k is a whole number above 0"],
    [
      () => rankItems(score, { history, users: Int32Array.of(7) }),
      "Cannot rank items for user 7: users are numbered from 0 to 1",
    ],
    [
      () => rankItems(() => zeros([2, 4]), { history }),
      "Cannot rank scores of shape [2, 4] for 2 users: expected [2, 3], a row per user and a column per item",
    ],
    [
      () => rankItems(score, { history, exclude: [patternFromCoo([2, 4], [], [])] }),
      "Cannot exclude a [2, 4] pattern from [2, 3] scores: shapes must match",
    ],
    ...[3, -1, 0.5, NaN].map((candidate): [() => Promise<unknown>, string] => [
      () => rankItems(score, { history, candidates: [0, candidate] }),
      `Cannot rankItems with the candidate ${candidate}: items are numbered from 0 to 2`,
    ]),
    [
      () => rankItems(score, { history, candidates: patternFromCoo([1, 3], [], []) }),
      "Cannot rankItems with a [1, 3] pattern of candidates for [2, 3] scores: shapes must match",
    ],
  ];
  for (const [attempt, message] of refusals) await assertRejects(attempt, ValueError, message);
});
