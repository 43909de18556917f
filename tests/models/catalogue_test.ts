/** Properties of every model of the catalogue. A new model is tested here as soon as it is in the catalogue. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { rowOf } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { free } from "../../src/core/scope.ts";
import { type Config, configure, defaultsOf } from "../../src/core/settings.ts";
import { read, readSync } from "../../src/core/tensor.ts";
import { leaves, mapTree, type Tree } from "../../src/core/tree.ts";
import { type SamplerOptions, SAMPLERS, type Triples } from "../../src/data/batch.ts";
import { histories } from "../../src/data/dataset.ts";
import { garden } from "../../src/data/garden.ts";
import { models, objective } from "../../src/models/mod.ts";
import { scale } from "../../src/ops/mod.ts";
import { rankItems } from "../../src/rank/recommend.ts";
import { PROTOCOLS, trainingSettings } from "../../src/train/settings.ts";
import { assertClose, devices } from "../support.ts";
import { testResumed } from "./resumed.ts";
import { checkerboard, dataset, everyone, noise, trained } from "./worlds.ts";

/** Models with equal scores for all users, which cannot find the withheld item of each user. */
const IMPERSONAL = ["popularity"];

/** Models whose losses hold values fixed, so that differences are not their gradients. Their own tests check these. */
const WITH_TARGETS = ["bm3", "nympheas"];

/**
 * The training on the checkerboard, and other settings for some models: MAML memorises sooner than others, see there.
 * A fifth of the edges of so small a graph is too little for FREEDOM. Every item is a negative for Nympheas.
 */
const ON_BOARD: Config = { epochs: 20, batch: 32, lr: 0.01 };
const OTHERWISE: Readonly<Record<string, Config>> = {
  freedom: { rho: 0.5 },
  maml: { epochs: 9, lr: 0.001 },
  nympheas: { epochs: 12 },
};

const board = checkerboard(24);
const small = garden(key(3), { users: 12, items: 24 });
const plain = dataset({
  train: [[0, 2], [1, 2, 5], [3], [0, 4, 5]],
  modalities: { image: noise(1, 7, 5), text: noise(2, 7, 3) },
  items: 7,
});
const bitsOf = (tree: Tree): unknown[] => leaves(tree).map(([name, leaf]) => [name, leaf.shape, readSync(leaf)]);

for (const [name, model] of Object.entries(models)) {
  Deno.test(`${name} is listed by its name, and has a description and a source`, () => {
    assertEquals(model.name, name);
    for (const words of [model.about, model.source]) assert(words.length > 10);
  });

  Deno.test(`${name} has settings with explanations, and with defaults in their range`, () => {
    const defaults = defaultsOf(model.settings);
    assertEquals(configure(model.settings, defaults), defaults);
    for (const { about } of Object.values(model.settings)) assert(about.length > 10);
    const both = Object.keys(model.settings).filter((setting) => Object.hasOwn(trainingSettings, setting));
    assertEquals(both, [], "a name is the model's or the training's");
  });

  Deno.test(`${name} has training settings that exist`, () => {
    assertEquals(configure(trainingSettings, model.training), { ...defaultsOf(trainingSettings), ...model.training });
  });

  Deno.test(`${name} draws its parameters from the key alone, and shares no tensor with its context`, async () => {
    const unfrozen: Config = Object.hasOwn(model.settings, "freeze") ? { freeze: false } : {};
    const context = await model.prepare(small, configure(model.settings, unfrozen));
    const init = (seed: number) => {
      const params = model.init(key(seed), context);
      const bits = bitsOf(params);
      free(params);
      return bits;
    };
    assertEquals(init(1), init(1));
    if (init(1).length > 0) assertNotEquals(init(1), init(2));
  });

  Deno.test(`${name} scores every item for every user with a number, before and after training`, async () => {
    const withStrangers = dataset({
      train: [[0, 1, 3], [], [1], [0, 1, 2]],
      modalities: { image: noise(1, 5, 3), text: noise(2, 5, 4) },
      items: 5,
    });
    for (const data of [small, board, withStrangers]) {
      for (const epochs of [0, 3]) {
        const { score } = await trained(model, data, { training: { epochs, batch: 8, lr: 0.01 } });
        const scores = score(everyone(histories(data, "train")));
        assertEquals(scores.shape, [data.users.length, data.items.length]);
        assert(readSync(scores).every(Number.isFinite));
      }
    }
  });

  Deno.test(`${name} has a loss with the right gradient, the same on every device`, async () => {
    const found: number[][] = [];
    for (const device of devices) {
      const context = await model.prepare(plain, defaultsOf(model.settings), { device });
      const params = mapTree((x) => scale(x, 1.2), model.init(key(4), context));
      if (leaves(params).length === 0) return;
      const { loss, refresh } = objective(model, context);
      const fresh = await refresh(params, { key: key(0), epoch: 0 });
      const batch = SAMPLERS.interaction(histories(plain, "train"), { batch: 6 }).batch(key(2), 0);
      const f = (p: Tree) => loss(p, batch, key(3), fresh);
      const checked = device === devices[0] && !WITH_TARGETS.includes(name);
      if (checked) assert(await checkGradient(f, params, { directions: 2 }) < 2e-2);
      const [value, gradient] = valueAndGrad(f)(params);
      const parts = [value, ...leaves(gradient).map(([, leaf]) => leaf)];
      found.push((await Promise.all(parts.map(read))).flatMap((numbers) => [...numbers]));
    }
    for (const other of found.slice(1)) assertClose(other, found[0], 2e-5);
  });

  Deno.test(`${name} takes batches with several negatives for each triple, or shared by all`, async () => {
    const history = histories(plain, "train");
    const context = await model.prepare(plain, defaultsOf(model.settings));
    const params = model.init(key(4), context);
    if (leaves(params).length === 0) return;
    const { loss, refresh } = objective(model, context);
    const fresh = await refresh(params, { key: key(0), epoch: 0 });
    const value = (batch: Triples) => readSync(loss(params, batch, key(3), fresh))[0];
    const draw = (options: Partial<SamplerOptions>) =>
      SAMPLERS.interaction(history, { batch: 6, ...options }).batch(key(2), 0);
    for (const shared of [false, true]) assert(Number.isFinite(value(draw({ negatives: 3, shared }))));
    // MAML sums over triples, and draws further negatives for each of them.
    if (name === "maml") return;
    const one = draw({});
    const twice = { ...one, negatives: Int32Array.from([...one.negatives].flatMap((id) => [id, id])) };
    assertClose([value(twice)], [value(one)], 2e-5);
  });

  testResumed(model, plain);

  if (IMPERSONAL.includes(name)) {
    Deno.test(`${name} gives all users the same scores`, async () => {
      const { score } = await trained(model, board);
      const scores = readSync(score(everyone(histories(board, "train"))));
      const size = board.items.length;
      const [first, ...others] = board.users.map((_, user) => scores.slice(user * size, (user + 1) * size));
      for (const other of others) assertEquals(other, first);
    });
  } else {
    // A short training: withheld items are drawn as negatives too, and a long training memorises that.
    Deno.test(`${name} finds the withheld item of every user of the checkerboard`, async () => {
      const history = histories(board, "train"), heldOut = histories(board, "test");
      const { score } = await trained(model, board, { training: { ...ON_BOARD, ...OTHERWISE[name] } });
      const found = await rankItems(score, { history, k: 1 });
      assertEquals(found.map(({ items }) => items[0]), board.users.map((_, user) => rowOf(heldOut, user)[0]));
    });
  }
}

Deno.test("monet is trained by protocol A", () => {
  for (const [name, value] of Object.entries(PROTOCOLS.A)) assertEquals(models.monet.training[name], value, name);
});
