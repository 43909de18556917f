/** MAML: its equations one by one against plain nested arrays, and in cases with a known result. @module */
import { KindError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { fc } from "../fc.ts";
import { grad, valueAndGrad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { patternFromCoo } from "../../src/core/pattern.ts";
import { key, normalArray } from "../../src/core/random.ts";
import { fromArray, type Matrix, readSync, tensor } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { histories, type Modality } from "../../src/data/dataset.ts";
import {
  attend,
  constrain,
  covariance,
  distances,
  encode,
  itemHalf,
  loss,
  maml,
  type MamlParams,
  projection,
  ranking,
  score,
  userHalf,
} from "../../src/models/maml.ts";
import { add, gather } from "../../src/ops/mod.ts";
import { rankItems } from "../../src/rank/recommend.ts";
import { assertClose } from "../support.ts";
import { testSparse } from "./content.ts";
import { plainAttention, plainCovariance, plainDistance, plainProjection, plainRanking, setup } from "./maml_plain.ts";
import { anyWorld, dot, range, rowsOf, triplesOf } from "./monet_plain.ts";
import { checkerboard, dataset, everyone, noise, trained, type TrainedOptions, type World } from "./worlds.ts";

const runs = { numRuns: 50 };
const draw = (seed: number, rows: number, columns: number): Matrix =>
  fromArray(normalArray(key(seed), rows * columns), [rows, columns]);

Deno.test("projection() is the network of features, all modalities side by side", () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const { context, params } = setup(world);
      const f = projection(params.projection, context.features, context.lengths);
      assertClose(readSync(f), plainProjection(params, context).flat());
      rowsOf(f).forEach((row) => assert(dot(row, row) < 1 + 1e-5));
    }),
    runs,
  );
});

Deno.test("projection() does not depend on the division of columns into modalities", () => {
  const values = noise(1, 6, 5);
  if (values.kind !== "dense") throw new KindError("noise is dense");
  const columns = (from: number, to: number): Modality => ({
    ...values,
    columns: to - from,
    values: Float32Array.from(range(6).flatMap((item) => [...values.values.subarray(5 * item + from, 5 * item + to)])),
  });
  const whole = setup({ train: [[0]], items: 6, modalities: { all: values } });
  const halves = setup({ train: [[0]], items: 6, modalities: { left: columns(0, 2), right: columns(2, 5) } });
  const weights = rowsOf(whole.params.projection.first.all);
  const [left, right] = [[0, 2], [2, 5]].map(([from, to]) => tensor(weights.map((row) => row.slice(from, to))));
  const { first: _, ...rest } = whole.params.projection;
  const found = [
    projection(whole.params.projection, whole.context.features, whole.context.lengths),
    projection({ first: { left, right }, ...rest }, halves.context.features, halves.context.lengths),
  ];
  assertClose(readSync(found[1]), readSync(found[0]));
});

/** Users, items and their features as rows of pairs, and the network of attention. */
const paired = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 })).map(([pairs, dim]) => {
  const world: World = { train: [[0]], items: 2, modalities: { image: noise(1, 2, 2) } };
  const { params: { attention } } = setup(world, { dim });
  return { u: draw(1, pairs, dim), v: draw(2, pairs, dim), f: draw(3, pairs, dim), attention };
});

Deno.test("attend() is the network of attention, from halves that were computed separately", () => {
  fc.assert(
    fc.property(paired, ({ u, v, f, attention }) => {
      const [user, item] = [userHalf(attention, u), itemHalf(attention, v, f)];
      const a = attend(
        { inner: add(user.inner, item.inner), squares: add(user.squares, item.squares) },
        attention,
      );
      const rows = [u, v, f].map(rowsOf);
      const expected = rows[0].map((_, n) => plainAttention(rows[0][n], rows[1][n], rows[2][n], attention));
      assertClose(readSync(a), expected.flat());
      for (const row of rowsOf(a)) assertClose([row.reduce((total, x) => total + x, 0)], [u.shape[1]]);
    }),
    runs,
  );
});

Deno.test("distances() are ‖a ∘ u − a ∘ v‖², 0 where v is u, and score() is minus them for every pair", () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const { context, params } = setup(world);
      const e = encode(params, context);
      const [users, items, features] = [e.users, e.items, e.features].map(rowsOf);
      const expected = users.flatMap((u) => items.map((v, i) => plainDistance(u, v, features[i], e.attention)));
      const every = [
        Int32Array.from(expected, (_, n) => Math.floor(n / world.items)),
        Int32Array.from(expected, (_, n) => n % world.items),
      ] as const;
      assertClose(readSync(distances(e, every)), expected);
      assertClose(readSync(score(e, everyone(context.history))), expected.map((d) => -d));
      const twin = { ...e, items: gather(e.users, new Int32Array(world.items)) };
      const own = rowsOf(score(twin, everyone(context.history)))[0];
      assert(own.every((d) => d === 0));
    }),
    runs,
  );
});

Deno.test("score() does not depend on where tiles of items end", () => {
  const [users, items, dim] = [2, 2100, 3];
  const { params: { attention } } = setup({ train: [[0]], items: 2, modalities: { image: noise(1, 2, 2) } });
  const e = { users: draw(1, users, dim), items: draw(2, items, dim), features: draw(3, items, dim), attention };
  const all = Int32Array.from({ length: users * items }, (_, n) => n % items);
  const who = all.map((_, n) => Math.floor(n / items));
  const found = score(e, everyone(patternFromCoo([users, items], [], [])));
  assertEquals(found.shape, [users, items]);
  assertClose(readSync(found), readSync(distances(e, [who, all])).map((d) => -d), 1e-5);
});

/** Distances of a batch, one row of positives and some of negatives. */
const judged = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.nat(1e6))
  .map(([negatives, batch, seed]) =>
    tensor(rowsOf(draw(seed, negatives + 1, batch)).map((row) => row.map((x) => x * x)))
  );

Deno.test("ranking() is the hinge of the nearest negative, weighted by log(1 + rank)", () => {
  fc.assert(
    fc.property(judged, fc.constantFrom(0, 0.5, 1.6), fc.constantFrom(10, 1000), (distances, margin, items) => {
      const expected = plainRanking(rowsOf(distances), margin, items);
      assertClose(readSync(ranking(distances, { margin }, items)), [expected]);
    }),
    runs,
  );
});

Deno.test("ranking() pulls a positive, and pushes only its nearest negative, with the weight as a constant", () => {
  const distances = tensor([[1, 1], [3, 0.5], [1.5, 9]]);
  const [value, gradient] = valueAndGrad((d: Matrix) => ranking(d, { margin: 1 }, 100))(distances);
  const [half, log] = [Math.log(51), (x: number) => Math.fround(x)];
  assertClose(readSync(value), [half * 0.5 + half * 1.5]);
  assertClose(readSync(gradient), [half, half, 0, -half, -half, 0].map(log));
});

Deno.test("covariance() is the sum of the covariance matrix without its diagonal", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 5 }), fc.nat(1e6), (rows, columns, seed) => {
      const x = draw(seed, rows, columns);
      assertClose(readSync(covariance(x)), [plainCovariance(rowsOf(x))]);
      const moved = tensor(rowsOf(x).map((row) => row.map((value, k) => value + k)));
      assertClose(readSync(covariance(moved)), readSync(covariance(x)), 1e-4);
    }),
    runs,
  );
});

Deno.test("constrain() gives the nearest table whose rows have at most length 1", () => {
  const { params } = setup({ train: [[0], [1]], items: 2, modalities: { image: noise(1, 2, 2) } }, { dim: 2 });
  const [users, items] = [tensor([[3, 4], [0, 0]]), tensor([[0.5, 0.5], [-2, 0]])];
  const once = constrain({ ...params, users, items });
  assertClose(readSync(once.users), [0.6, 0.8, 0, 0]);
  assertEquals([...readSync(once.items)], [0.5, 0.5, -1, 0]);
  assertEquals(readSync(constrain(once).items), readSync(once.items));
  assertEquals(once.projection, params.projection);
});

Deno.test("loss() adds up ranking, distances to features and covariance", () => {
  fc.assert(
    fc.property(anyWorld, fc.boolean(), (world, trainNetworks) => {
      const config = { negatives: 1, featureWeight: 0.7, covarianceWeight: 0.3, trainNetworks };
      const { context, params } = setup(world, config);
      const triples = triplesOf(context.history);
      const [users, items] = [rowsOf(params.users), rowsOf(params.items)];
      const f = plainProjection(params, context);
      const d = (who: Int32Array, what: Int32Array) =>
        Array.from(who, (u, n) => plainDistance(users[u], items[what[n]], f[what[n]], params.attention));
      const who = triples.users;
      const rows = [d(who, triples.positives), d(who, triples.negatives)];
      const apart = items.flatMap((row, i) => row.map((x, k) => (x - f[i][k]) ** 2)).reduce((a, b) => a + b, 0);
      const expected = plainRanking(rows, 1.6, world.items) + 0.7 * apart + 0.3 * plainCovariance([...users, ...items]);
      assertClose(readSync(loss(params, triples, context, key(1))), [expected], 2e-5);
    }),
    runs,
  );
});

const world: World = {
  train: [[0, 2], [1, 2, 5], [3], [0, 4, 5]],
  items: 12,
  modalities: { image: noise(1, 12, 5), text: noise(2, 12, 3) },
};

Deno.test("loss() has the right gradient, of four negatives and of one", async () => {
  for (const negatives of [1, 4]) {
    for (const hidden of [8, 16, 32]) {
      const { context, params } = setup(world, { negatives, hidden, dim: 4 });
      const triples = triplesOf(context.history);
      assert(await checkGradient((p: MamlParams) => loss(p, triples, context, key(1)), params) < 2e-2);
    }
  }
});

Deno.test("loss() draws further negatives and dropout from its key alone", () => {
  const value = (changes: Record<string, number>, seed: number) => {
    const { context, params } = setup(world, changes);
    return readSync(loss(params, triplesOf(context.history), context, key(seed)))[0];
  };
  assertEquals(value({ negatives: 1 }, 1), value({ negatives: 1 }, 2));
  for (const changes of [{ negatives: 4 }, { negatives: 1, dropout: 0.5 }, { negatives: 1, attentionDropout: 0.5 }]) {
    assertEquals(value(changes, 1), value(changes, 1));
    assertNotEquals(value(changes, 1), value(changes, 2));
  }
});

Deno.test("maml trains its networks, or leaves them as they were drawn", async () => {
  for (const trainNetworks of [true, false]) {
    const { context, params } = setup(world, { trainNetworks });
    const { projection, attention } = grad((p: MamlParams) => loss(p, triplesOf(context.history), context, key(1)))(
      params,
    );
    for (const [path, x] of leaves({ projection, attention })) {
      assertEquals(readSync(x).some((g) => g !== 0), trainNetworks, path);
    }
    const settings = { dim: 4, hidden: 6, trainNetworks };
    const after = async (epochs: number) =>
      (await trained(maml, dataset(world), { settings, training: { epochs, batch: 4, lr: 0.01 } })).params;
    const [before, later] = [await after(0), await after(2)];
    assertEquals(
      leaves(later).map(([path, x], n) => {
        const moved = readSync(x).some((value, i) => value !== readSync(leaves(before)[n][1])[i]);
        return path === "users" || path === "items" || trainNetworks ? moved : !moved;
      }),
      leaves(later).map(() => true),
    );
    for (const table of [later.users, later.items]) rowsOf(table).forEach((row) => assert(dot(row, row) < 1 + 1e-5));
  }
});

Deno.test("maml begins with items at their projected features, and users of length about 1", () => {
  const data = dataset({ train: range(400).map(() => [0]), items: 30, modalities: { image: noise(1, 30, 8) } });
  const context = maml.prepare(data, { ...setup(world).context.config, dim: 20, hidden: 16 });
  const params = maml.init(key(1), context);
  const { features, lengths } = context;
  assertEquals(readSync(params.items), readSync(projection(params.projection, features, lengths)));
  const mean = rowsOf(params.users).reduce((total, row) => total + dot(row, row), 0) / 400;
  assert(Math.abs(mean - 1) < 0.05, `${mean}`);
  const { first, layers } = params.projection;
  const bound = Math.sqrt(6 / (8 + 16));
  const largest = Math.max(...readSync(first.image).map(Math.abs));
  assert(largest <= bound && largest > 0.9 * bound);
  assertEquals(layers.map(({ W }) => W.shape), [[8, 16], [8, 8], [20, 8]]);
  assertEquals([params.attention.first.W.shape, params.attention.second.W.shape], [[100, 60], [20, 100]]);
});

const board = checkerboard(24);

/** Returns the number of users of the checkerboard whose withheld item is recommended. */
async function foundOnBoard(options: TrainedOptions, model = maml): Promise<number> {
  const { score } = await trained(model, board, options);
  const found = await rankItems(score, { history: histories(board, "train"), k: 1 });
  return found.filter(({ items }, user) => items[0] === user).length;
}

for (const [trainNetworks, epochs, lr] of [[true, 9, 0.001], [false, 5, 0.01]] as const) {
  const how = trainNetworks ? "that learn" : "as they were drawn";
  Deno.test(`maml with networks ${how} finds the withheld items of the checkerboard with every seed`, async () => {
    for (const seed of [1, 2, 3]) {
      assertEquals(await foundOnBoard({ settings: { trainNetworks }, training: { epochs, batch: 32, lr, seed } }), 24);
    }
  });
}

Deno.test("maml keeps finding withheld items if they are never drawn as negatives", async () => {
  const { interactions } = board;
  const all = { ...board, interactions: { ...interactions, split: new Uint8Array(interactions.split.length) } };
  const history = histories(all, "train");
  const spared: typeof maml = {
    ...maml,
    loss: (params, batch, context, key) => {
      const users = batch.users;
      const negatives = batch.negatives.map((item, n) => item === users[n] ? (item + 1) % 24 : item);
      return loss(params, { ...batch, negatives }, { ...context, history }, key);
    },
  };
  assertEquals(await foundOnBoard({ training: { epochs: 20, batch: 32, lr: 0.01 } }, spared), 24);
});

testSparse("maml", {
  configs: fc.constant({ negatives: 1 }),
  results: (world, config) => {
    const { context, params } = setup(world, config);
    const objective = (p: MamlParams) => loss(p, triplesOf(context.history), context, key(1));
    const [value, gradient] = valueAndGrad(objective)(params);
    const scores = score(encode(params, context), everyone(context.history));
    return [value, ...leaves(gradient).map(([, leaf]) => leaf), scores].flatMap((x) => [...readSync(x)]);
  },
  tolerance: 2e-5,
});
