/** Tests of training batches: their contents, their repetition by key, and the distribution of every draw. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { degree, entries, hasEntry, type Pattern, patternFromCoo, rowIndices, rowOf } from "../../src/core/pattern.ts";
import { foldIn, key } from "../../src/core/random.ts";
import {
  drawNegatives,
  interactionSampler,
  pairs,
  type Sampler,
  SAMPLERS,
  singleNegatives,
  type Triples,
  userSampler,
} from "../../src/data/batch.ts";
import { patterns, seeds } from "../support.ts";

const names = Object.keys(SAMPLERS) as (keyof typeof SAMPLERS)[];

/** Draws histories in which some user has items, and no user has all items that occur. */
const histories: fc.Arbitrary<Pattern> = fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 3, max: 9 }))
  .chain(([users, items]) => patterns(users, items))
  .filter((history) => {
    const occurring = new Set(history.indices).size;
    const degrees = [...Array(history.rows).keys()].map((user) => degree(history, user));
    return entries(history) > 0 && degrees.every((d) => d < occurring);
  });
const sizes = fc.integer({ min: 1, max: 12 });
const counts = fc.integer({ min: 1, max: 4 });

const listed = ({ users, positives, negatives }: Triples): number[][] =>
  Array.from(users, (user, n) => [user, positives[n], negatives[n]]);
const epochOf = ({ steps, batch }: Sampler, seed: number): number[][][] =>
  Array.from({ length: steps }, (_, step) => listed(batch(key(seed), step)));

/**
 * Fails if counts differ more than the counts of equally likely outcomes do but once in about ten thousand times:
 * χ² of n outcomes has mean n − 1 and variance 2 (n − 1). Keys are fixed, so the result of a test never changes.
 */
function assertUniform(counts: readonly number[]): void {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  assert(statistic < freedom + 5 * Math.sqrt(2 * freedom), `χ² ${statistic} with ${freedom} degrees of freedom`);
}

const countsOf = (values: readonly number[], among: readonly number[]): number[] =>
  among.map((value) => values.filter((other) => other === value).length);

const uneven = patternFromCoo(
  [8, 12],
  [0, 1, 1, 2, 2, 2, 4, 4, 4, 4, 4, 5, 6, 7],
  [0, 0, 1, 2, 3, 11, 0, 2, 4, 6, 8, 5, 5, 9],
);

for (const name of names) {
  Deno.test(`SAMPLERS.${name} draws positives from the user's items and negatives from outside of them`, () => {
    fc.assert(fc.property(histories, sizes, seeds, (history, batch, seed) => {
      const sampler = SAMPLERS[name](history, { batch });
      for (let step = 0; step < sampler.steps; step++) {
        const { users, positives, negatives } = sampler.batch(key(seed), step);
        assert(users.length === positives.length && users.length === negatives.length && users.length > 0);
        users.forEach((user, n) => {
          assert(hasEntry(history, user, positives[n]));
          assert(!hasEntry(history, user, negatives[n]));
        });
      }
    }));
  });

  Deno.test(`SAMPLERS.${name} gives the same batch for the same key, independent of earlier draws`, () => {
    fc.assert(fc.property(histories, sizes, seeds, (history, batch, seed) => {
      const straight = epochOf(SAMPLERS[name](history, { batch }), seed);
      const sampler = SAMPLERS[name](history, { batch });
      for (const [step, expected] of [...straight.entries()].reverse()) {
        sampler.batch(key(seed + 1), 0);
        assertEquals(listed(sampler.batch(key(seed), step)), expected);
      }
    }));
  });

  Deno.test(`SAMPLERS.${name} gives other batches for other keys and steps`, () => {
    const history = patternFromCoo([40, 40], [...Array(40).keys()], [...Array(40).keys()]);
    const sampler = SAMPLERS[name](history, { batch: 10 });
    const first = listed(sampler.batch(key(0), 0));
    assertNotEquals(listed(sampler.batch(key(0), 1)), first);
    assertNotEquals(listed(sampler.batch(key(1), 0)), first);
  });

  Deno.test(`SAMPLERS.${name} draws several negatives for each triple, none of them known to its user`, () => {
    fc.assert(fc.property(histories, sizes, counts, seeds, (history, batch, negatives, seed) => {
      const [sampler, single] = [{ negatives }, {}].map((more) => SAMPLERS[name](history, { batch, ...more }));
      assertEquals(sampler.steps, single.steps);
      for (let step = 0; step < sampler.steps; step++) {
        const [many, one] = [sampler, single].map((s) => s.batch(key(seed), step));
        assertEquals([many.users, many.positives], [one.users, one.positives]);
        assertEquals([many.negatives.length, many.shared], [many.users.length * negatives, false]);
        many.negatives.forEach((item, n) => assert(!hasEntry(history, many.users[Math.floor(n / negatives)], item)));
        if (negatives === 1) assertEquals(many, one);
      }
    }));
  });

  Deno.test(`SAMPLERS.${name} draws one list of negatives for all triples, each candidate equally likely`, () => {
    const sampler = SAMPLERS[name](uneven, { batch: 5, negatives: 4, shared: true });
    const drawn = Array.from({ length: 2000 }, (_, step) => {
      const { negatives, shared, users } = sampler.batch(key(step), 0);
      assertEquals([negatives.length, shared, users.length], [4, true, 5]);
      return [...negatives];
    }).flat();
    assertUniform(countsOf(drawn, name === "user" ? [...Array(12).keys()] : [...new Set(uneven.indices)]));
  });

  Deno.test(`SAMPLERS.${name} shares negatives where a user knows every item`, () => {
    const history = patternFromCoo([2, 2], [0, 1, 1], [0, 0, 1]);
    assertEquals(SAMPLERS[name](history, { batch: 2, shared: true }).batch(key(0), 0).negatives.length, 1);
  });

  Deno.test(`SAMPLERS.${name} refuses empty histories, users with all items, and wrong sizes`, () => {
    const refused = (history: Pattern, sentence: string) =>
      assertEquals(assertThrows(() => SAMPLERS[name](history, { batch: 4 }), ValueError).message, sentence);
    refused(patternFromCoo([3, 4], [], []), "Cannot draw batches: no user has a training interaction");
    refused(
      patternFromCoo([2, 2], [0, 1, 1], [0, 0, 1]),
      "Cannot draw negatives for user 1: they have interacted with all 2 items to draw from; leave this user out of the data, or add items",
    );
    for (const batch of [0, -1, 1.5, NaN]) {
      const error = assertThrows(() => SAMPLERS[name](patternFromCoo([1, 2], [0], [0]), { batch }), ValueError);
      assertEquals(error.message, `Cannot draw batches of ${batch} triples: a whole number above 0 is needed`);
    }
    const error = assertThrows(
      () => SAMPLERS[name](patternFromCoo([1, 2], [0], [0]), { batch: 1, negatives: 0 }),
      ValueError,
    );
    assertEquals(error.message, "Cannot draw batches of 0 negatives: a whole number above 0 is needed");
  });
}

Deno.test("userSampler() has ⌊interactions / batch⌋ + 1 batches in an epoch, each of full size", () => {
  fc.assert(fc.property(histories, sizes, seeds, (history, batch, seed) => {
    const sampler = userSampler(history, { batch });
    assertEquals(sampler.steps, Math.floor(entries(history) / batch) + 1);
    for (const triples of epochOf(sampler, seed)) assertEquals(triples.length, batch);
  }));
});

Deno.test("userSampler() draws different users as long as there are enough", () => {
  fc.assert(fc.property(histories, sizes, seeds, (history, batch, seed) => {
    const active = [...Array(history.rows).keys()].filter((user) => degree(history, user) > 0);
    for (const triples of epochOf(userSampler(history, { batch }), seed)) {
      const users = triples.map(([user]) => user);
      assert(users.every((user) => active.includes(user)));
      if (batch <= active.length) assertEquals(new Set(users).size, batch);
    }
  }));
});

const active = [0, 1, 2, 4, 5, 6, 7];

for (const batch of [3, 7, 40]) {
  Deno.test(`userSampler() draws all users with items equally often, ${batch} at a time`, () => {
    const { batch: draw } = userSampler(uneven, { batch });
    const triples = Array.from({ length: Math.ceil(8000 / batch) }, (_, step) => listed(draw(key(3), step))).flat();
    if (batch === 7) assertEquals(new Set(countsOf(triples.map(([user]) => user), active)).size, 1);
    else assertUniform(countsOf(triples.map(([user]) => user), active));
    for (const user of active) {
      const own = triples.filter(([other]) => other === user), items = [...rowOf(uneven, user)];
      if (items.length > 1) assertUniform(countsOf(own.map(([, positive]) => positive), items));
      const others = [...Array(12).keys()].filter((item) => !items.includes(item));
      assertUniform(countsOf(own.map(([, , negative]) => negative), others));
    }
  });
}

Deno.test("interactionSampler() goes through every interaction exactly once in an epoch", () => {
  fc.assert(fc.property(histories, sizes, seeds, (history, batch, seed) => {
    const sampler = interactionSampler(history, { batch });
    assertEquals(sampler.steps, Math.ceil(entries(history) / batch));
    const epoch = epochOf(sampler, seed);
    assert(epoch.slice(0, -1).every((triples) => triples.length === batch));
    const seen = epoch.flat().map(([user, positive]) => [user, positive]).sort(([a, b], [c, d]) => a - c || b - d);
    assertEquals(seen, Array.from(rowIndices(history), (user, e) => [user, history.indices[e]]));
  }));
});

Deno.test("interactionSampler() draws negatives among the items that occur in training, all equally likely", () => {
  const sampler = interactionSampler(uneven, { batch: 5 });
  const triples = Array.from({ length: 700 }, (_, seed) => epochOf(sampler, seed)).flat(2);
  const occurring = [...new Set(uneven.indices)];
  for (const user of active) {
    const drawn = triples.filter(([other]) => other === user).map(([, , negative]) => negative);
    assert(drawn.every((item) => occurring.includes(item)));
    assertUniform(countsOf(drawn, occurring.filter((item) => !hasEntry(uneven, user, item))));
  }
});

Deno.test("interactionSampler() begins with every interaction equally often, and shuffles each epoch", () => {
  const sampler = interactionSampler(uneven, { batch: 1 });
  const firsts = Array.from({ length: 2800 }, (_, n) => listed(sampler.batch(foldIn(key(5), n), 0))[0]);
  const place = ([user, positive]: number[]) => 12 * user + positive;
  const all = Array.from(rowIndices(uneven), (user, e) => place([user, uneven.indices[e]]));
  assertUniform(countsOf(firsts.map(place), all));
  assertNotEquals(epochOf(sampler, 0).flat().map(place), epochOf(sampler, 1).flat().map(place));
});

Deno.test("interactionSampler() refuses a user with every item that occurs, even if other items exist", () => {
  const error = assertThrows(
    () => interactionSampler(patternFromCoo([2, 5], [0, 1, 1], [0, 0, 1]), { batch: 4 }),
    ValueError,
  );
  assertEquals(
    error.message,
    "Cannot draw negatives for user 1: they have interacted with all 2 items to draw from; leave this user out of the data, or add items",
  );
});

Deno.test("samplers name a user by id in the refusal, if they know the ids", () => {
  const history = patternFromCoo([2, 2], [0, 1, 1], [0, 0, 1]);
  for (const sampler of Object.values(SAMPLERS)) {
    assertThrows(() => sampler(history, { batch: 4, users: ["ann", "bea"] }), ValueError, 'for user "bea": they');
  }
});

Deno.test("drawNegatives() draws items or candidates outside of the history, all equally likely", () => {
  const users = Int32Array.from({ length: 6000 }, (_, n) => active[n % active.length]);
  const occurring = [...new Set(uneven.indices)];
  for (const candidates of [undefined, Int32Array.from(occurring)]) {
    const drawn = drawNegatives(key(9), uneven, users, candidates);
    for (const user of active) {
      const among = candidates ?? [...Array(uneven.columns).keys()];
      const own = [...drawn].filter((_, n) => users[n] === user);
      assertUniform(countsOf(own, [...among].filter((item) => !hasEntry(uneven, user, item))));
      assert(own.every((item) => among.includes(item) && !hasEntry(uneven, user, item)));
    }
  }
});

Deno.test("SAMPLERS number the batches of an epoch", () => {
  for (const name of names) {
    const sampler = SAMPLERS[name](uneven, { batch: 5 });
    const places = Array.from({ length: sampler.steps }, (_, step) => sampler.batch(key(1), step).step);
    assertEquals(places, [...places.keys()]);
  }
});

Deno.test("singleNegatives() repeats users and positives for each negative, of their own or shared", () => {
  const [users, positives] = [Int32Array.of(3, 1), Int32Array.of(10, 11)];
  const batch = { users, positives, negatives: Int32Array.of(20, 21, 22, 23), shared: false, step: 6 };
  const own = singleNegatives(batch);
  assertEquals(listed(own), [[3, 10, 20], [3, 10, 21], [1, 11, 22], [1, 11, 23]]);
  assertEquals([own.shared, own.step], [false, 6]);
  const all = singleNegatives({ ...batch, negatives: Int32Array.of(20, 21), shared: true });
  assertEquals(listed(all), [[3, 10, 20], [3, 10, 21], [1, 11, 20], [1, 11, 21]]);
  const single = { ...batch, negatives: Int32Array.of(20, 21) };
  assertEquals(singleNegatives(single) === single, true);
});

Deno.test("pairs() are the users twice, with their positives and then with their negatives", () => {
  fc.assert(fc.property(histories, sizes, seeds, (history, batch, seed) => {
    const triples = userSampler(history, { batch }).batch(key(seed), 0);
    const { users, items } = pairs(triples);
    const half = users.length / 2;
    const found = Array.from({ length: half }, (_, n) => [users[n], items[n], items[n + half]]);
    assertEquals(found, listed(triples));
    assertEquals(users.subarray(half), users.subarray(0, half));
  }));
});

for (const name of names) {
  Deno.test(`SAMPLERS.${name} with inBatch has the positives as negatives, and the same users and positives`, () => {
    fc.assert(fc.property(histories, sizes, seeds, (history, batch, seed) => {
      const plain = SAMPLERS[name](history, { batch });
      const sampler = SAMPLERS[name](history, { batch, inBatch: true });
      assertEquals(sampler.steps, plain.steps);
      for (let step = 0; step < sampler.steps; step++) {
        const { users, positives, negatives, shared, logQ } = sampler.batch(key(seed), step);
        const expected = plain.batch(key(seed), step);
        assertEquals([users, positives, negatives, shared], [
          expected.users,
          expected.positives,
          positives,
          true,
        ]);
        assertEquals([logQ?.positives.length, logQ?.negatives], [positives.length, logQ?.positives]);
      }
    }));
  });

  Deno.test(`SAMPLERS.${name} with inBatch states how often each item is drawn`, () => {
    const sampler = SAMPLERS[name](uneven, { batch: 5, inBatch: true });
    const [found, stated] = [new Map<number, number>(), new Map<number, number>()];
    const rounds = 4000;
    for (let seed = 0; seed < rounds; seed++) {
      const { positives, logQ } = sampler.batch(key(seed), 0);
      positives.forEach((item, n) => {
        found.set(item, (found.get(item) ?? 0) + 1 / rounds);
        stated.set(item, Math.exp(logQ!.positives[n]));
      });
    }
    assertEquals(found.size, new Set(uneven.indices).size);
    for (const [item, often] of found) {
      const [expected, deviation] = [stated.get(item)!, 5 * Math.sqrt(stated.get(item)! / rounds)];
      assert(Math.abs(often - expected) < deviation, `item ${item}: ${often} draws, ${expected} expected`);
    }
  });
}

Deno.test("inBatch allows users who know every item, who have no other negatives", () => {
  const history = patternFromCoo([1, 2], [0, 0], [0, 1]);
  assertThrows(() => userSampler(history, { batch: 2 }), ValueError, "they have interacted with all 2 items");
  assertEquals(userSampler(history, { batch: 2, inBatch: true }).batch(key(1), 0).negatives.length, 2);
});
