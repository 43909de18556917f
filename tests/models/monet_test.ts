/** MONET, equation by equation: each against plain nested arrays, and in the cases whose result is known. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { type Pattern, patternOf, rowOf, selection } from "../../src/core/pattern.ts";
import { key, normals } from "../../src/core/random.ts";
import { configure } from "../../src/core/settings.ts";
import { fromArray, type Matrix, readSync, tensor } from "../../src/core/tensor.ts";
import { symmetricAdjacency } from "../../src/data/graph.ts";
import {
  blend,
  encode,
  lightgcn,
  loss,
  megcn,
  monet,
  type MonetConfig,
  type MonetParams,
  project,
  score,
  targetAware,
} from "../../src/models/monet.ts";
import { add, gather, scale, spmm, sum } from "../../src/ops/mod.ts";
import { assertClose } from "../support.ts";
import {
  anyWorld,
  configs,
  dot,
  plainAdjacency,
  plainEncode,
  plainLoss,
  plainProject,
  plainPropagate,
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

Deno.test("project() is (2): X Wᵀ + b, with rows of length 1 if normalised", () => {
  fc.assert(
    fc.property(worlds(), fc.boolean(), (world, normalize) => {
      const { context: { features }, params } = setup(world);
      for (const [modality, p] of Object.entries(params)) {
        const expected = plainProject(rowsOf(features[modality] as Matrix), p, { normalize });
        const z = project(features[modality], p, { normalize });
        assertClose(readSync(z), expected.flat());
        if (normalize) rowsOf(z).forEach((row) => assertClose([dot(row, row)], [1]));
      }
    }),
    runs,
  );
});

Deno.test("project() leaves rows of zeros as they are when it normalises", () => {
  const p = { P: tensor([[0]]), W: tensor([[1, 2]]), b: tensor([0]) };
  assertEquals([...readSync(project(tensor([[0, 0], [-1, 0]]), p, { normalize: true }))], [0, -1]);
});

/** A history and embeddings of its nodes. */
const nodes = worlds([]).map(({ train, items }) => {
  const history = patternOf([train.length, items], train.flatMap((list, u) => list.map(() => u)), train.flat());
  const count = history.rows + history.columns;
  return { history, adjacency: symmetricAdjacency(history), h: fromArray(normals(key(9), count * 3), [count, 3]) };
});

Deno.test("megcn() is (3), and lightgcn() the mean of plain layers", () => {
  fc.assert(
    fc.property(nodes, fc.nat(3), fc.constantFrom(0, 0.7, 1, 3), ({ history, adjacency, h }, layers, alpha) => {
      const expected = (propagation: "megcn" | "lightgcn") =>
        plainPropagate(plainAdjacency(history), rowsOf(h), { layers, alpha, propagation } as MonetConfig).flat();
      assertClose(readSync(megcn(adjacency, h, { layers, alpha })), expected("megcn"));
      assertClose(readSync(lightgcn(adjacency, h, { layers })), expected("lightgcn"));
    }),
    runs,
  );
});

Deno.test("megcn() with α = 0 is plain propagation, and without layers nothing", () => {
  fc.assert(
    fc.property(nodes, ({ adjacency, h }) => {
      const twice = spmm(adjacency, spmm(adjacency, h));
      assertClose(readSync(megcn(adjacency, h, { layers: 2, alpha: 0 })), readSync(twice), 1e-6);
      for (const propagate of [megcn, lightgcn]) {
        assertEquals(readSync(propagate(adjacency, h, { layers: 0, alpha: 5 })), readSync(h));
      }
    }),
    runs,
  );
});

Deno.test("megcn() with α = 1 and two layers is H + 2 Â H + Â² H", () => {
  fc.assert(
    fc.property(nodes, ({ adjacency, h }) => {
      const once = spmm(adjacency, h);
      const closed = add(add(h, scale(once, 2)), spmm(adjacency, once));
      assertClose(readSync(megcn(adjacency, h, { layers: 2, alpha: 1 })), readSync(closed));
    }),
    runs,
  );
});

Deno.test("megcn() becomes the identity up to scale as α grows", () => {
  fc.assert(
    fc.property(nodes, fc.integer({ min: 1, max: 3 }), ({ adjacency, h }, layers) => {
      // (Â + αI)ᴸ / αᴸ differs from I by about L / α, since no eigenvalue of Â is beyond 1.
      for (const alpha of [1e2, 1e4]) {
        const out = scale(megcn(adjacency, h, { layers, alpha }), alpha ** -layers);
        const [moved, size] = [add(out, scale(h, -1)), h].map((x) => Math.hypot(...readSync(x)));
        assert(moved <= 1.1 * layers / alpha * size + 1e-5 * size);
      }
    }),
    runs,
  );
});

Deno.test("encode() is the plain one, users and items", () => {
  fc.assert(
    fc.property(anyWorld, configs, (world, config) => {
      const { context, params } = setup(world, config);
      const [e, plain] = [encode(params, context), plainEncode(params, context)];
      assertClose(readSync(e.users), plain.users.flat());
      assertClose(readSync(e.items), plain.items.flat());
      assertEquals(e.items.shape, [world.items, 3 * Object.keys(world.modalities).length]);
    }),
    runs,
  );
});

Deno.test("encode() leaves items that nobody met with norm αᴸ in every modality", () => {
  fc.assert(
    fc.property(anyWorld, fc.nat(3), fc.constantFrom(0.5, 1, 2), (world, layers, alpha) => {
      const { context, params } = setup(world, { layers, alpha });
      const items = rowsOf(encode(params, context).items);
      for (const item of range(world.items).filter((item) => !world.train.flat().includes(item))) {
        Object.keys(params).forEach((_, m) => {
          const part = items[item].slice(3 * m, 3 * m + 3);
          assertClose([Math.sqrt(dot(part, part))], [alpha ** layers]);
        });
      }
    }),
    runs,
  );
});

/** Histories, targets for them and embeddings of items, some histories empty. */
const attended = nodes.map(({ history }) => ({
  history,
  items: fromArray(normals(key(3), history.columns * 4), [history.columns, 4]),
}));

Deno.test("targetAware() is (4, 5): the product with the user's embedding in the light of the target", () => {
  fc.assert(
    fc.property(attended, fc.nat(100), ({ history, items }, shift) => {
      const targets = Int32Array.from(range(history.rows), (user) => (user + shift) % history.columns);
      const found = targetAware(history, gather(items, selection(targets, history.columns)), items);
      const plain = rowsOf(items);
      const expected = Array.from(targets, (c, user) => plainTarget([...rowOf(history, user)], plain[c], plain));
      assertClose(readSync(found), expected);
    }),
    runs,
  );
});

Deno.test("targetAware() is 0 for an empty history, and the similarity itself for a single item", () => {
  const items = tensor([[1, 2], [3, -1]]);
  const history = patternOf([2, 2], [1], [1]);
  assertEquals([...readSync(targetAware(history, tensor([[5, 5], [5, 5]]), items))], [0, 10]);
});

for (const within of [true, false]) {
  Deno.test(`targetAware() has the right gradient with the target ${within ? "in" : "outside"} the history`, async () => {
    const history: Pattern = patternOf([2, 5], [0, 0, 0, 1, 1], [0, 1, 3, 2, 3]);
    const targets = selection(Int32Array.from(within ? [1, 3] : [4, 0]), history.columns);
    const total = (items: Matrix) => sum(targetAware(history, gather(items, targets), items));
    for (const seed of range(5)) {
      const items = fromArray(normals(key(seed), 5 * 3), [5, 3]);
      assert(await checkGradient(total, items) < 5e-3);
    }
  });
}

Deno.test("targetAware() sends back wᵢ = aᵢ (1 + sᵢ − o), to the target and to each item of the history", () => {
  const items: Rows = [[0.5, 1], [-1, 0.3], [0.2, 0.8]], history = [0, 2], c = 2;
  const pattern = patternOf([1, items.length], [0, 0], history);
  const target = selection(Int32Array.of(c), items.length);
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
  const history = patternOf([1, 2], [0], [0]);
  assertEquals([...readSync(score(e, everyone(history), config))], [0, 7]);
});

Deno.test("score() of a block is its part of the score of all", () => {
  fc.assert(
    fc.property(worlds(), fc.boolean(), (world, excludeTarget) => {
      const { context, params } = setup(world, { excludeTarget });
      const e = encode(params, context);
      const { users, history } = everyone(context.history);
      const all = rowsOf(scoresOf(e, context));
      for (const user of users.indices) {
        const own = patternOf([1, history.columns], rowOf(history, user).map(() => 0), rowOf(history, user));
        const block = { users: selection(Int32Array.of(user), users.columns), history: own };
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
