/** The second half of MONET, equation by equation: each against plain nested arrays, and in the cases whose result is known. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { type Pattern, patternFromCoo, rowOf, rowSelector } from "../../src/core/pattern.ts";
import { key, normalArray } from "../../src/core/random.ts";
import { configure } from "../../src/core/settings.ts";
import { fromArray, type Matrix, readSync, tensor } from "../../src/core/tensor.ts";
import { blend, encode, loss, monet, type MonetParams, score, targetAware } from "../../src/models/monet.ts";
import { gather, sum } from "../../src/ops/mod.ts";
import { assertClose } from "../support.ts";
import {
  anyWorld,
  configs,
  dot,
  plainLoss,
  plainScore,
  plainTarget,
  range,
  type Rows,
  rowsOf,
  scoresOf,
  setup,
  triplesOf,
} from "./monet_plain.ts";
import { everyone, worlds } from "./worlds.ts";

const runs = { numRuns: 50 };

/** Histories, some of them empty, and embeddings of items. */
const attended = worlds([]).map(({ train, items }) => ({
  history: patternFromCoo([train.length, items], train.flatMap((list, u) => list.map(() => u)), train.flat()),
  items: fromArray(normalArray(key(3), items * 4), [items, 4]),
}));

Deno.test("targetAware() is (4, 5): the product with the user's embedding in the light of the target", () => {
  fc.assert(
    fc.property(attended, fc.nat(100), ({ history, items }, shift) => {
      const targets = Int32Array.from(range(history.rows), (user) => (user + shift) % history.columns);
      const found = targetAware(history, gather(items, rowSelector(targets, history.columns)), items);
      const plain = rowsOf(items);
      const expected = Array.from(targets, (c, user) => plainTarget([...rowOf(history, user)], plain[c], plain));
      assertClose(readSync(found), expected);
    }),
    runs,
  );
});

Deno.test("targetAware() is 0 for an empty history, and the similarity itself for a single item", () => {
  const items = tensor([[1, 2], [3, -1]]);
  const history = patternFromCoo([2, 2], [1], [1]);
  assertEquals([...readSync(targetAware(history, tensor([[5, 5], [5, 5]]), items))], [0, 10]);
});

for (const within of [true, false]) {
  Deno.test(`targetAware() has the right gradient with the target ${within ? "in" : "outside"} the history`, async () => {
    const history: Pattern = patternFromCoo([2, 5], [0, 0, 0, 1, 1], [0, 1, 3, 2, 3]);
    const targets = rowSelector(Int32Array.from(within ? [1, 3] : [4, 0]), history.columns);
    const total = (items: Matrix) => sum(targetAware(history, gather(items, targets), items));
    for (const seed of range(5)) {
      const items = fromArray(normalArray(key(seed), 5 * 3), [5, 3]);
      assert(await checkGradient(total, items) < 5e-3);
    }
  });
}

Deno.test("targetAware() sends back wᵢ = aᵢ (1 + sᵢ − o), to the target and to each item of the history", () => {
  const items: Rows = [[0.5, 1], [-1, 0.3], [0.2, 0.8]], history = [0, 2], c = 2;
  const pattern = patternFromCoo([1, items.length], [0, 0], history);
  const target = rowSelector(Int32Array.of(c), items.length);
  const [, gradient] = valueAndGrad((items: Matrix) => sum(targetAware(pattern, gather(items, target), items)))(
    tensor(items),
  );
  const s = history.map((item) => dot(items[c], items[item]));
  const whole = s.reduce((total, x) => total + Math.exp(x), 0);
  const o = s.reduce((mean, x) => mean + Math.exp(x) / whole * x, 0);
  const expected = items.map(() => [0, 0]);
  history.forEach((item, k) => {
    const w = Math.exp(s[k]) / whole * (1 + s[k] - o);
    [0, 1].forEach((d) => {
      expected[c][d] += w * items[item][d];
      expected[item][d] += w * items[c][d];
    });
  });
  assertClose(readSync(gradient), expected.flat());
});

Deno.test("blend() with β = 0 is the general score, with β = 1 the target-aware one, and between in between", () => {
  const [general, target] = [tensor([1, -2]), tensor([5, 4])];
  assertEquals(readSync(blend(general, target, { beta: 0 })), readSync(general));
  assertEquals(readSync(blend(general, target, { beta: 1 })), readSync(target));
  assertClose(readSync(blend(general, target, { beta: 0.25 })), [2, -0.5]);
});

Deno.test("score() for all items is blend() of rowDots and targetAware(), pair by pair", () => {
  fc.assert(
    fc.property(anyWorld, configs, (world, config) => {
      const { context, params } = setup(world, config);
      const e = encode(params, context);
      const plain = { users: rowsOf(e.users), items: rowsOf(e.items) };
      const expected = range(world.train.length).flatMap((user) =>
        range(world.items).map((item) => plainScore(plain, context.history, user, item, context.config))
      );
      assertClose(readSync(scoresOf(e, context)), expected, 2e-5);
    }),
    runs,
  );
});

Deno.test("score() leaves nothing of the target where it is all of the history, if it is excluded", () => {
  const config = configure(monet.settings, { excludeTarget: true, beta: 1 });
  const e = { users: tensor([[0, 0]]), items: tensor([[3, 4], [1, 1]]) };
  const history = patternFromCoo([1, 2], [0], [0]);
  assertEquals([...readSync(score(e, everyone(history), config))], [0, 7]);
});

Deno.test("score() of a block is its part of the score of all", () => {
  fc.assert(
    fc.property(worlds(), fc.boolean(), (world, excludeTarget) => {
      const { context, params } = setup(world, { excludeTarget });
      const e = encode(params, context);
      const { users, history } = everyone(context.history);
      const all = rowsOf(scoresOf(e, context));
      for (const user of users) {
        const own = patternFromCoo([1, history.columns], rowOf(history, user).map(() => 0), rowOf(history, user));
        const block = { users: Int32Array.of(user), history: own };
        assertClose(readSync(score(e, block, context.config)), all[user], 1e-6);
      }
    }),
    runs,
  );
});

Deno.test("loss() is (7) with either regulariser", () => {
  fc.assert(
    fc.property(anyWorld, configs, (world, config) => {
      const { context, params } = setup(world, config);
      const triples = triplesOf(context.history);
      assertClose(readSync(loss(params, triples, context)), [plainLoss(params, triples, context)], 2e-5);
    }),
    runs,
  );
});

Deno.test("loss() has the right gradient, whatever the settings", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, configs, fc.boolean(), async (world, config, freeze) => {
      const { context, params } = setup(world, { ...config, freeze });
      const triples = triplesOf(context.history);
      assert(await checkGradient((p: MonetParams) => loss(p, triples, context), params, { directions: 2 }) < 2e-2);
    }),
    { numRuns: 20 },
  );
});
