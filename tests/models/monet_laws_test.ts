/** MONET as a whole: numbering, kinds of features, what is trained, repetition, devices. @module */
import { KindError, ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { degree, patternFromCoo } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { configure } from "../../src/core/settings.ts";
import { type Matrix, read, readSync, type Tensor, tensor } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { interactionSampler } from "../../src/data/batch.ts";
import { histories, type Modality } from "../../src/data/dataset.ts";
import { encode, loss, monet, type MonetParams } from "../../src/models/monet.ts";
import { assertClose, devices } from "../support.ts";
import { testSparse } from "./content.ts";
import { anyWorld, configs, range, rowsOf, scoresOf, setup, triplesOf } from "./monet_plain.ts";
import { checkerboard, dataset, noise, trained, type World, worlds } from "./worlds.ts";

const runs = { numRuns: 50 };

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));

/** Renames users and items: old user u becomes `users[u]`, and so for items. */
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

Deno.test("score() and loss() do not depend on how users and items are numbered", () => {
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

Deno.test("monet by freeze decides whether raw features are parameters", () => {
  const named = ["image.P", "image.W", "image.b", "text.P", "text.W", "text.b"];
  assertEquals(leaves(setup(world).params.modalities).map(([name]) => name), named);
  const { context, params } = setup(world, { freeze: false });
  const { X } = monet.init(key(5), context).modalities.image;
  assertEquals(readSync(X!), readSync(context.features.image as Matrix));
  const gradient = valueAndGrad((p: MonetParams) => loss(p, triplesOf(context.history), context))(params)[1];
  for (const part of Object.values(gradient.modalities)) assert(readSync(part.X!).some((g) => Math.abs(g) > 1e-4));
});

Deno.test("monet without freeze trains the raw features, and leaves those of the data alone", async () => {
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
      // Relative to the largest number: without normalisation, sums of large terms are what is left of them.
      const size = Math.max(1, ...specified.map(Math.abs));
      const relative = (xs: readonly number[]) => xs.map((x) => x / size);
      for (const other of others) assertClose(relative(other), relative(specified), 2e-5);
    }),
    runs,
  );
});
