/** MONET: its equations in the order of the paper, in plain arrays, and properties of the whole model. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import type { Dim, Nodes } from "../../src/core/axis.ts";
import { degree, type Pattern, patternFromCoo, rowOf, rowSelector } from "../../src/core/pattern.ts";
import { key, normalArray } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { fromArray, type Matrix, read, readSync, type Tensor, tensor } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { symmetricAdjacency } from "../../src/data/graph.ts";
import { meanOfLayers } from "../../src/models/factors.ts";
import {
  blend,
  byModality,
  encode,
  loss,
  megcn,
  monet,
  type MonetConfig,
  type MonetParams,
  normalized,
  project,
  score,
  targetAware,
} from "../../src/models/monet.ts";
import { add, gather, scale, spmm, sum } from "../../src/ops/mod.ts";
import { assertClose, devices } from "../support.ts";
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
import { checkerboard, dataset, everyone, noise, trained, type World, worlds } from "./worlds.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { KindError, ValueError } from "../../kernels/errors.ts";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { interactionSampler } from "../../src/data/batch.ts";
import { histories, type Modality } from "../../src/data/dataset.ts";
import { testSparse } from "./content.ts";

const runs = { numRuns: 50 };

Deno.test("project() is (2): X Wᵀ + b, with rows of length 1 if normalised", () => {
  fc.assert(
    fc.property(worlds(), fc.boolean(), (world, normalize) => {
      const { context: { features }, params } = setup(world);
      for (const [modality, p] of Object.entries(params.modalities)) {
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
  const history = patternFromCoo([train.length, items], train.flatMap((list, u) => list.map(() => u)), train.flat());
  const count = history.rows + history.columns;
  return { history, adjacency: symmetricAdjacency(history), h: fromArray(normalArray(key(9), count * 3), [count, 3]) };
});

Deno.test("megcn() is (3), normalized() its footnote, and meanOfLayers() the propagation of LightGCN", () => {
  const found = {
    megcn,
    normalized,
    lightgcn: (a: Csr<Nodes, Nodes>, h: Matrix<Nodes, Dim>, { layers }: MonetConfig) => meanOfLayers(a, h, layers),
  };
  fc.assert(
    fc.property(nodes, fc.nat(3), fc.constantFrom(0, 0.7, 1, 3), ({ history, adjacency, h }, layers, alpha) => {
      for (const propagation of ["megcn", "normalized", "lightgcn"] as const) {
        const config = { layers, alpha, propagation } as MonetConfig;
        const expected = plainPropagate(plainAdjacency(history), rowsOf(h), config).flat();
        assertClose(readSync(found[propagation](adjacency, h, config)), expected);
      }
    }),
    runs,
  );
});

Deno.test("normalized() is plain propagation along the graph in which each node is its own neighbour", () => {
  fc.assert(
    fc.property(nodes, ({ history, adjacency, h }) => {
      const loops = symmetricAdjacency(history, { self: true });
      assertClose(readSync(normalized(adjacency, h, { layers: 2 })), readSync(spmm(loops, spmm(loops, h))));
    }),
    runs,
  );
});

Deno.test("normalized() leaves nodes without neighbours as they are", () => {
  fc.assert(
    fc.property(nodes, fc.nat(4), ({ adjacency, h }, layers) => {
      const [before, after] = [h, normalized(adjacency, h, { layers })].map(rowsOf);
      before.forEach((row, node) => degree(adjacency.pattern, node) === 0 && assertEquals(after[node], row));
    }),
    runs,
  );
});

Deno.test("megcn() with α = 0 is plain propagation, and the identity without layers", () => {
  fc.assert(
    fc.property(nodes, ({ adjacency, h }) => {
      const twice = spmm(adjacency, spmm(adjacency, h));
      assertClose(readSync(megcn(adjacency, h, { layers: 2, alpha: 0 })), readSync(twice), 1e-6);
      for (const propagate of [megcn, normalized]) {
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

Deno.test("encode() agrees with plain arrays, for users and items", () => {
  fc.assert(
    fc.property(anyWorld, configs, (world, config) => {
      const { context, params } = setup(world, config);
      const [e, plain] = [encode(params, context), plainEncode(params, context)];
      assertClose(readSync(e.users), plain.users.flat());
      assertClose(readSync(e.items), plain.items.flat());
      const parts = Object.keys(world.modalities).length + (context.config.cf === "none" ? 0 : 1);
      assertEquals(e.items.shape, [world.items, context.config.fusion === "concat" ? 3 * parts : 3]);
    }),
    runs,
  );
});

Deno.test("encode() gives items without users the norm αᴸ in every modality", () => {
  fc.assert(
    fc.property(anyWorld, fc.nat(3), fc.constantFrom(0.5, 1, 2), (world, layers, alpha) => {
      const { context, params } = setup(world, { layers, alpha });
      const items = rowsOf(encode(params, context).items);
      for (const item of range(world.items).filter((item) => !world.train.flat().includes(item))) {
        Object.keys(params.modalities).forEach((_, m) => {
          const part = items[item].slice(3 * m, 3 * m + 3);
          assertClose([Math.sqrt(dot(part, part))], [alpha ** layers]);
        });
      }
    }),
    runs,
  );
});

Deno.test("byModality() gives the parts that encode() puts side by side", () => {
  fc.assert(
    fc.property(anyWorld, configs, (world, config) => {
      const { context, params } = setup(world, config);
      const found = byModality(params, context);
      assertEquals(Object.keys(found), Object.keys(world.modalities));
      const { items } = plainEncode(params, { ...context, config: { ...context.config, fusion: "concat" } });
      Object.values(found).forEach((x, n) => {
        assertClose(readSync(x), items.flatMap((row) => row.slice(3 * n, 3 * n + 3)));
      });
    }),
    runs,
  );
});

Deno.test("init() draws the parameters of a variant, and the other parameters as without it", () => {
  const world: World = { train: [[0], [1]], items: 3, modalities: { image: noise(1, 3, 4), text: noise(2, 3, 2) } };
  const drawn = (changes: Config) => {
    const context = monet.prepare(dataset(world), configure(monet.settings, { dim: 5, ...changes }));
    return Object.fromEntries(leaves(monet.init(key(1), context)).map(([name, x]) => [name, [x.shape, readSync(x)]]));
  };
  const usual = drawn({});
  const added = (changes: Config) => {
    const others = drawn(changes);
    for (const name of Object.keys(usual)) assertEquals(others[name], usual[name]);
    return Object.entries(others).filter(([name]) => !(name in usual)).map(([name, [shape]]) => [name, shape]);
  };
  for (const changes of [{ fusion: "sum" }, { propagation: "lightgcn" }, { beta: 0 }]) assertEquals(added(changes), []);
  const tables = [["cf.users", [2, 5]], ["cf.items", [3, 5]]];
  assertEquals(added({ cf: "lightgcn" }), tables);
  assertEquals(added({ fusion: "weighted" }), [["fusion.weights", [2]]]);
  assertEquals(added({ fusion: "fc" }), [["fusion.W", [5, 10]], ["fusion.b", [5]]]);
  assertEquals(added({ fusion: "fc", cf: "megcn" }), [...tables, ["fusion.W", [5, 15]], ["fusion.b", [5]]]);
});

/** Histories, some of them empty, and embeddings of items. */
const attended = worlds([]).map(({ train, items }) => ({
  history: patternFromCoo([train.length, items], train.flatMap((list, u) => list.map(() => u)), train.flat()),
  items: fromArray(normalArray(key(3), items * 4), [items, 4]),
}));

Deno.test("targetAware() is (4, 5): the product of the target with the target-aware user embedding", () => {
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

Deno.test("targetAware() is 0 for an empty history, and the similarity for a single item", () => {
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

Deno.test("targetAware() has the gradient wᵢ = aᵢ (1 + sᵢ − o), of the target and of each item of the history", () => {
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

Deno.test("blend() is the general score at β = 0, the target-aware score at β = 1, and a mean between", () => {
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

Deno.test("score() is 0 for an excluded target that is the whole history", () => {
  const config = configure(monet.settings, { excludeTarget: true, beta: 1 });
  const e = { users: tensor([[0, 0]]), items: tensor([[3, 4], [1, 1]]) };
  const history = patternFromCoo([1, 2], [0], [0]);
  assertEquals([...readSync(score(e, everyone(history), config))], [0, 7]);
});

Deno.test("score() gives a block of one user the same scores as a block of all", () => {
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

Deno.test("loss() has the right gradient under all settings", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, configs, fc.boolean(), async (world, config, freeze) => {
      const { context, params } = setup(world, { ...config, freeze });
      const triples = triplesOf(context.history);
      assert(await checkGradient((p: MonetParams) => loss(p, triples, context), params, { directions: 2 }) < 2e-2);
    }),
    { numRuns: 20 },
  );
});

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));

/** Renumbers users and items: user u gets the number `users[u]`, and item i the number `items[i]`. */
function renumbered(world: World, users: readonly number[], items: readonly number[]): World {
  return {
    ...world,
    train: users.map((_, user) => world.train[users.indexOf(user)].map((item) => items[item])),
    modalities: Object.fromEntries(
      Object.entries(world.modalities).map(([name, m]): [string, Modality] => {
        if (m.kind !== "dense") throw new KindError("only dense features are renumbered");
        const values = new Float32Array(m.values.length);
        items.forEach((to, from) =>
          values.set(m.values.subarray(from * m.columns, (from + 1) * m.columns), to * m.columns)
        );
        return [name, { ...m, values }];
      }),
    ),
  };
}

Deno.test("score() and loss() do not depend on the numbers of users and items", () => {
  const permuted = (n: number) => fc.shuffledSubarray(range(n), { minLength: n, maxLength: n });
  const renamings = worlds().chain((world) =>
    fc.tuple(fc.constant(world), permuted(world.train.length), permuted(world.items))
  );
  fc.assert(
    fc.property(renamings, configs, ([world, users, items], config) => {
      const { context, params } = setup(world, config);
      const other = setup(renumbered(world, users, items), config).context;
      const inOrder = (table: Matrix, names: readonly number[]) => {
        const rows = rowsOf(table);
        return tensor(names.map((_, name) => rows[names.indexOf(name)]));
      };
      const moved: MonetParams = {
        ...params,
        modalities: mapValues(params.modalities, (p) => ({ ...p, P: inOrder(p.P, users) })),
        ...params.cf ? { cf: { users: inOrder(params.cf.users, users), items: inOrder(params.cf.items, items) } } : {},
      };
      const before = rowsOf(scoresOf(encode(params, context), context));
      const after = rowsOf(scoresOf(encode(moved, other), other));
      const expected = users.map((to) => items.map((item) => after[to][item]));
      assertClose(before.flat(), expected.flat(), 2e-5);

      const triples = triplesOf(context.history);
      const renamed = (ids: Int32Array, names: readonly number[]) => ids.map((id) => names[id]);
      const again = {
        users: renamed(triples.users, users),
        positives: renamed(triples.positives, items),
        negatives: renamed(triples.negatives, items),
        shared: false,
        step: triples.step,
      };
      assertClose(readSync(loss(moved, again, other)), readSync(loss(params, triples, context)), 2e-5);
    }),
    runs,
  );
});

testSparse("monet", {
  configs: fc.constant({}),
  results: (world) => {
    const { context, params } = setup(world);
    const objective = (p: MonetParams) => loss(p, triplesOf(context.history), context);
    const [value, gradient] = valueAndGrad(objective)(params);
    return [value, ...leaves(gradient).map(([, leaf]) => leaf), scoresOf(encode(params, context), context)]
      .flatMap((x) => [...readSync(x)]);
  },
});

const world: World = {
  train: [[0, 2], [1, 2, 5], [3], [0, 4, 5]],
  items: 7,
  modalities: { image: noise(1, 7, 5), text: noise(2, 7, 3) },
};

Deno.test("monet has raw features as parameters without freeze only", () => {
  const named = ["image.P", "image.W", "image.b", "text.P", "text.W", "text.b"];
  assertEquals(leaves(setup(world).params.modalities).map(([name]) => name), named);
  const { context, params } = setup(world, { freeze: false });
  const { X } = monet.init(key(5), context).modalities.image;
  assertEquals(readSync(X!), readSync(context.features.image as Matrix));
  const gradient = valueAndGrad((p: MonetParams) => loss(p, triplesOf(context.history), context))(params)[1];
  for (const part of Object.values(gradient.modalities)) assert(readSync(part.X!).some((g) => Math.abs(g) > 1e-4));
});

Deno.test("monet without freeze trains a copy of the raw features", async () => {
  const data = dataset(world);
  const training = { epochs: 3, batch: 4, lr: 0.1 };
  const { params } = await trained(monet, data, { settings: { dim: 4, freeze: false }, training });
  const { image } = data.modalities;
  assertNotEquals(readSync(params.modalities.image.X!), image.kind === "dense" ? image.values : null);
  assertEquals(data.modalities, world.modalities);
});

Deno.test("monet without freeze does not train sparse features", () => {
  const tags: Modality = {
    kind: "sparse",
    pattern: patternFromCoo([7, 2], range(7), range(7).map((i) => i % 2)),
    values: new Float32Array(7).fill(1),
    known: new Uint8Array(7).fill(1),
  };
  const { params } = setup({ ...world, modalities: { ...world.modalities, tags } }, { freeze: false });
  assertEquals(Object.values(params.modalities).map((p) => "X" in p), [true, true, false]);
});

Deno.test("monet draws P as Glorot and Bengio, and W and b as PyTorch's linear layers", () => {
  const [users, dim, columns] = [300, 20, 50];
  const data = dataset({
    train: range(users).map((user) => [user % 9]),
    items: 10,
    modalities: { image: noise(1, 10, columns) },
  });
  const context = monet.prepare(data, configure(monet.settings, { dim }));
  const { P, W, b } = monet.init(key(1), context).modalities.image;
  assertEquals([P.shape, W.shape, b.shape], [[users, dim], [dim, columns], [dim]]);
  const bounds = [Math.sqrt(6 / (users + dim)), Math.sqrt(1 / columns), Math.sqrt(1 / columns)];
  [P, W, b].forEach((x: Tensor, n) => {
    const numbers = readSync(x).map((value) => Math.abs(value) / bounds[n]);
    assert(Math.max(...numbers) <= 1 && Math.max(...numbers) > 0.8);
    const mean = numbers.reduce((total, value) => total + value, 0) / numbers.length;
    assert(Math.abs(mean - 0.5) < 0.2, `${mean}`);
  });
});

Deno.test("monet refuses a data set without features", () => {
  const data = dataset({ ...world, modalities: {} });
  assertThrows(() => monet.prepare(data, configure(monet.settings, {})), ValueError, "it has no item features");
});

Deno.test("monet gives the same bits for the same seed, others for another", async () => {
  const bits = async (seed: number) => {
    const training = { seed, epochs: 2, batch: 8, lr: 0.01 };
    const { params } = await trained(monet, checkerboard(10), { settings: { dim: 8 }, training });
    return leaves(params).map(([name, leaf]) => [name, readSync(leaf)]);
  };
  assertEquals(await bits(1), await bits(1));
  assertNotEquals(await bits(1), await bits(2));
});

Deno.test("monet agrees with itself on every device: loss, gradient and scores", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, configs, async (world, config) => {
      const [specified, ...others] = await Promise.all(devices.map(async (device) => {
        const { data, context, params } = setup(world, config, { device });
        const history = histories(data, "train");
        fc.pre(range(history.rows).every((user) => degree(history, user) < new Set(history.indices).size));
        const triples = interactionSampler(history, { batch: 6 }).batch(key(2), 0);
        const [value, gradient] = valueAndGrad((p: MonetParams) => loss(p, triples, context))(params);
        const all = [value, scoresOf(encode(params, context), context), ...leaves(gradient).map(([, leaf]) => leaf)];
        return (await Promise.all(all.map(read))).flatMap((numbers) => [...numbers]);
      }));
      // Relative to the largest number: without normalisation, large terms cancel in the sums.
      const size = Math.max(1, ...specified.map(Math.abs));
      const relative = (xs: readonly number[]) => xs.map((x) => x / size);
      for (const other of others) assertClose(relative(other), relative(specified), 2e-5);
    }),
    runs,
  );
});
