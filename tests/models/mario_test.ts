/** MARIO: its equations one by one against plain nested arrays, and in cases with a known result. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { patternFromCoo, rowOf } from "../../src/core/pattern.ts";
import { key, normalArray } from "../../src/core/random.ts";
import { configure } from "../../src/core/settings.ts";
import { fromArray, type Matrix, readSync, tensor, zeros } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import {
  ATTENTIONS,
  contents,
  encode,
  loss,
  mario,
  type MarioParams,
  personal,
  preservation,
  score,
} from "../../src/models/mario.ts";
import { assertClose } from "../support.ts";
import { testSparse } from "./content.ts";
import { configs, plainLinear, plainLoss, plainScore, plainTables, setup } from "./mario_plain.ts";
import { anyWorld, range, rowsOf, triplesOf } from "./monet_plain.ts";
import { dataset, everyone, noise, type World, worlds } from "./worlds.ts";

const runs = { numRuns: 50 };
const scoresOf = ({ context, params }: ReturnType<typeof setup>): Matrix =>
  score(encode(params, context), everyone(context.history), context.config);

Deno.test("mario scores every pair as the plain arrays do, in every variant", () => {
  fc.assert(
    fc.property(anyWorld, configs, (world, config) => {
      const made = setup(world, config);
      const { context, params } = made;
      const plain = plainTables(params, context);
      const expected = range(world.train.length).flatMap((user) =>
        range(world.items).map((item) => plainScore(plain, [user, item], params, context))
      );
      assertClose(readSync(scoresOf(made)), expected, 2e-5);
    }),
    runs,
  );
});

Deno.test("encode() has u, and the tables of items one below the other", () => {
  fc.assert(
    fc.property(anyWorld, configs, (world, config) => {
      const { context, params } = setup(world, config);
      const [e, plain] = [encode(params, context), plainTables(params, context)];
      assertClose(readSync(e.users), plain.users.flat());
      assertClose(readSync(e.items), plain.tables.flat(2));
    }),
    runs,
  );
});

Deno.test("contents() is (2): X Wᵀ + b of each modality", () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const { context: { features }, params: { modalities } } = setup(world);
      const found = contents(modalities, features);
      assertEquals(found.length, Object.keys(world.modalities).length);
      Object.entries(modalities).forEach(([name, { W, b }], n) =>
        assertClose(readSync(found[n]), plainLinear(rowsOf(features[name] as Matrix), W, readSync(b)).flat())
      );
    }),
    runs,
  );
});

Deno.test("preservation() is (5), and 0 where decoders invert encoders", () => {
  const [x, W, D] = [tensor([[1, 2], [-3, 0.5]]), tensor([[0, 2], [1, 0]]), tensor([[0, 1], [0.5, 0]])];
  const part = (shift: number) => ({ image: { W, b: tensor([0, 0]), D, c: tensor([shift, 0]) } });
  for (const shift of [0, 3]) {
    const error = preservation(part(shift), contents(part(shift), { image: x }), { image: x });
    assertClose(readSync(error), [shift / 2]);
  }
});

/** f, and s, of users with a few items in a few modalities. */
const weighed = fc.record({
  users: fc.integer({ min: 1, max: 4 }),
  items: fc.integer({ min: 1, max: 4 }),
  modalities: fc.integer({ min: 1, max: 4 }),
}).map(({ users, items, modalities }) => {
  const draw = (seed: number) =>
    fromArray(normalArray(key(seed), users * modalities * items), [users, modalities * items]);
  return { f: draw(1), s: draw(2), items, modalities };
});

Deno.test("personal() with equal f is the mean, with one f far above the others its s", () => {
  fc.assert(
    fc.property(weighed, fc.nat(3), ({ s, items, modalities }, which) => {
      const m = which % modalities;
      const rows = rowsOf(s);
      const among = rows.map((row) => range(items).map((i) => range(modalities).map((n) => row[n * items + i])));
      const mean = among.flat().map((xs) => xs.reduce((total, x) => total + x, 0) / modalities);
      assertClose(readSync(personal(zeros([...s.shape]), s, items)), mean);
      const spiked = tensor(rows.map((row) => row.map((_, c) => Math.floor(c / items) === m ? 100 : 0)));
      assertClose(readSync(personal(spiked, s, items)), among.flat().map((xs) => xs[m]));
    }),
    runs,
  );
});

Deno.test("personal() with f = s is between the mean of s and the largest s", () => {
  fc.assert(
    fc.property(weighed, ({ s, items, modalities }) => {
      const rows = rowsOf(s);
      rowsOf(personal(s, s, items)).forEach((row, user) =>
        row.forEach((x, i) => {
          const all = range(modalities).map((n) => rows[user][n * items + i]);
          const mean = all.reduce((total, x) => total + x, 0) / modalities;
          assert(x >= mean - 1e-5 && x <= Math.max(...all) + 1e-5);
        })
      );
    }),
    runs,
  );
});

Deno.test("ATTENTIONS are the same for pairs as for all users and items", () => {
  fc.assert(
    fc.property(fc.constantFrom("dot", "scaled", "additive"), fc.integer({ min: 1, max: 3 }), (name, count) => {
      const [users, items, dim] = [3, 4, 5];
      const draw = (seed: number, rows: number, columns: number) =>
        fromArray(normalArray(key(seed), rows * columns), [rows, columns]);
      const [u, p] = [draw(1, users, dim), { W: draw(2, dim, 2 * dim), w: draw(3, 1, dim) }];
      const tables = range(count).map((n) => draw(10 + n, items, dim));
      const s = (user: number, item: number, n: number) =>
        rowsOf(u)[user].reduce((total, x, k) => total + x * rowsOf(tables[n])[item][k], 0);
      const stacked = tensor(tables.flatMap(rowsOf).map((row) => [...row]));
      const products = tensor(
        range(users).map((a) => range(count * items).map((c) => s(a, c % items, Math.floor(c / items)))),
      );
      const all = rowsOf(ATTENTIONS[name].ofAll(products, u, stacked, p));
      for (const item of range(items)) {
        const same = tables.map((table) => tensor(range(users).map(() => [...rowsOf(table)[item]])));
        const sOfPairs = tensor(range(users).map((user) => range(count).map((n) => s(user, item, n))));
        const found = rowsOf(ATTENTIONS[name].ofPairs(sOfPairs, u, same, p));
        assertClose(found.flat(), all.flatMap((row) => range(count).map((n) => row[n * items + item])));
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("mario with attention weights of 0 is its mean, and scaled attention in one dimension is dot", () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const { context, params } = setup(world, { attention: "additive" });
      const { W, w } = params.attention!;
      const blind = { ...params, attention: { W: W!, w: zeros(w!.shape) } };
      const mean = { ...context, config: { ...context.config, fusion: "mean" } as const };
      assertClose(readSync(scoresOf({ context, params: blind })), readSync(scoresOf({ context: mean, params })));
      const [dot, scaled] = ["dot", "scaled"].map((attention) => scoresOf(setup(world, { attention, dim: 1 })));
      assertEquals(readSync(dot), readSync(scaled));
    }),
    { numRuns: 20 },
  );
});

Deno.test("mario gives a block of one user the same scores as a block of all", () => {
  fc.assert(
    fc.property(worlds(), configs, (world, config) => {
      const made = setup(world, config);
      const { context, params } = made;
      const [e, all] = [encode(params, context), rowsOf(scoresOf(made))];
      for (const user of range(world.train.length)) {
        const own = rowOf(context.history, user);
        const history = patternFromCoo([1, world.items], own.map(() => 0), own);
        const block = { users: Int32Array.of(user), history };
        assertClose(readSync(score(e, block, context.config)), all[user], 1e-6);
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("loss() is (6)", () => {
  fc.assert(
    fc.property(anyWorld, configs, (world, config) => {
      const { context, params } = setup(world, config);
      const triples = triplesOf(context.history);
      assertClose(readSync(loss(params, triples, context)), [plainLoss(params, triples, context)], 2e-5);
    }),
    runs,
  );
});

Deno.test("loss() has the right gradient in every variant", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, configs, async (world, config) => {
      // |·| and max have no gradient at their corners: here μ = 0 and no max; the golden numbers have both.
      const { context, params } = setup(world, {
        ...config,
        mu: 0,
        ...config.fusion === "max" ? { fusion: "fc" } : {},
      });
      const triples = triplesOf(context.history);
      assert(await checkGradient((p: MarioParams) => loss(p, triples, context), params, { directions: 2 }) < 2e-2);
    }),
    { numRuns: 20 },
  );
});

const world: World = {
  train: [[0, 2], [1, 2, 5], [3], [0, 4, 5]],
  items: 7,
  modalities: { image: noise(1, 7, 5), text: noise(2, 7, 3), sound: noise(3, 7, 2) },
};

Deno.test("mario trains decoders only where μ is above 0", () => {
  for (const mu of [0, 0.1]) {
    const { context, params } = setup(world, { mu });
    const [, { modalities }] = valueAndGrad((p: MarioParams) => loss(p, triplesOf(context.history), context))(params);
    for (const { D, c } of Object.values(modalities)) {
      for (const x of [D, c]) assertEquals(readSync(x).some((g) => g !== 0), mu > 0);
    }
  }
});

Deno.test("mario without a modality equals mario on data that lack it", () => {
  const { image, text } = world.modalities;
  const [left, lacking] = [setup(world, { without: "sound" }), setup({ ...world, modalities: { image, text } })];
  assertEquals(readSync(scoresOf(left)), readSync(scoresOf(lacking)));
  for (const both of [" text, image", "text+image"]) {
    assertEquals(Object.keys(setup(world, { without: both }).params.modalities), ["sound"]);
  }
  assertThrows(() => setup(world, { without: "txt" }), ValueError, 'Cannot leave out the modality "txt" of "world"');
  assertThrows(() => setup(world, { without: "image,text,sound" }), ValueError, "no item features");
});

Deno.test("mario draws the parameters of each variant", () => {
  const names = (changes: Record<string, string>) =>
    leaves(mario.init(key(1), mario.prepare(dataset(world), configure(mario.settings, { dim: 4, ...changes }))))
      .map(([name, { shape }]) => `${name} ${shape}`).filter((name) => !name.startsWith("modalities"));
  const tables = ["users 4,4", "items 7,4"];
  assertEquals(names({}), tables);
  assertEquals(names({ attention: "additive" }), [...tables, "attention.W 4,8", "attention.w 1,4"]);
  assertEquals(names({ attention: "additive", fusion: "mean" }), tables);
  assertEquals(names({ fusion: "fc" }), [...tables, "fusion.W 4,16", "fusion.b 4"]);
  const layer = (n: number) => ["W1 4,4", "W2 4,4", "b1 4", "b2 4"].map((leaf) => `encoder.layers.${n}.${leaf}`);
  assertEquals(names({ encoder: "ngcf" }), [...tables, ...layer(0), ...layer(1)]);
});

testSparse("mario", {
  configs,
  results: (world, config) => {
    const made = setup(world, config);
    const { context, params } = made;
    const objective = (p: MarioParams) => loss(p, triplesOf(context.history), context);
    const [value, gradient] = valueAndGrad(objective)(params);
    return [value, ...leaves(gradient).map(([, leaf]) => leaf), scoresOf(made)].flatMap((x) => [...readSync(x)]);
  },
});
