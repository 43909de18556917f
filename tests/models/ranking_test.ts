/**
 * The ranking loss as a setting: in every model that has it, the loss is the stated formula of the model's own scores.
 *
 * @module
 */
import { KindError, ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { checkGradient } from "../../src/core/check.ts";
import { entries, hasEntry, rowIndices, rowOf } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { read, readSync } from "../../src/core/tensor.ts";
import { mapTree, type Tree } from "../../src/core/tree.ts";
import { SAMPLERS, type Triples } from "../../src/data/batch.ts";
import { type Dataset, histories } from "../../src/data/dataset.ts";
import { encoded, type Model, models, objective, samplerOf } from "../../src/models/mod.ts";
import {
  comparable,
  hasCosines,
  type RankingConfig,
  rankingSampler,
  rankingSettings,
} from "../../src/models/ranking.ts";
import { scale } from "../../src/ops/mod.ts";
import { rankItems } from "../../src/rank/recommend.ts";
import { assertClose, devices } from "../support.ts";
import { draw } from "../ops/drawn.ts";
import { checkerboard, dataset, everyone, noise, trained } from "./worlds.ts";

const BPR = Object.entries(models).filter(([, { settings }]) => Object.hasOwn(settings, "loss"));

/** Settings that leave the ranking loss alone in a loss: no regulariser, no other terms, no dropout. */
const ALONE: Readonly<Record<string, Config>> = {
  ngcf: { dropout: 0 },
  mario: { mu: 0, attention: "scaled" },
  gume: { internal: 0, external: 0, user: 0, interestL2: 0 },
};
const SOME: readonly Config[] = [
  { loss: "softmax", negatives: 5, temperature: 0.4 },
  { loss: "softmax", negatives: 4, scores: "inner", temperature: 0.7 },
  { loss: "softmax", sample: "all" },
  { loss: "softmax", sample: "batch" },
  { scores: "cosine", temperature: 0.5 },
];

const world: Dataset = dataset({
  train: [[0, 2], [1, 2, 5], [3], [0, 4, 5]],
  modalities: { image: noise(1, 7, 5), text: noise(2, 7, 3) },
  items: 7,
});
const history = histories(world, "train");
const total = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0);

/** Returns the ranking loss of scores as its formula says, one user after the other. */
function plainly(scores: readonly (readonly number[])[], batch: Triples, config: RankingConfig): number {
  const τ = config.loss === "softmax" || hasCosines(config) ? config.temperature : 1;
  const { users, positives, negatives, logQ } = batch;
  return total(Array.from(users, (user, n) => {
    const at = (item: number) => scores[user][item] / τ;
    if (config.loss === "bpr") return Math.log1p(Math.exp(at(negatives[n]) - at(positives[n])));
    const own = at(positives[n]) - (logQ?.positives[n] ?? 0);
    const others = Array.from(
      negatives,
      (item, c) => item === positives[n] ? -Infinity : at(item) - (logQ?.negatives[c] ?? 0),
    );
    return Math.log(total([own, ...others].map((x) => Math.exp(x - own))));
  })) / users.length;
}

/** Returns a model prepared for a world, with parameters of some size. */
async function prepared(model: Model, data: Dataset, settings: Config, place = {}) {
  const config = configure(model.settings, { l2: 0, ...ALONE[model.name], ...settings });
  const context = await model.prepare(data, config, place);
  const params = mapTree((x) => scale(x, 1.5), model.init(key(4), context));
  const { loss, refresh } = objective(model, context);
  const fresh = await refresh(params, { key: key(0), epoch: 0 });
  return { config, context, params, value: (p: Tree, batch: Triples) => loss(p, batch, key(3), fresh) };
}

const batchOf = (model: Model, config: Config): Triples =>
  samplerOf(model, history, config, { sampler: "interaction", batch: 6 }).batch(key(2), 0);

Deno.test("the models with BPR may have another ranking loss; FREEDOM, BM3, MGCN and Nympheas have their own", () => {
  const others = ["popularity", "itemknn", "ease", "maml", "freedom", "bm3", "mgcn", "nympheas"];
  assertEquals(BPR.map(([name]) => name), Object.keys(models).filter((name) => !others.includes(name)));
});

for (const [name, model] of BPR) {
  Deno.test(`${name} has each ranking loss by its formula, of the scores that it ranks by`, async () => {
    for (const settings of SOME) {
      const { config, context, params, value } = await prepared(model, world, settings);
      const batch = batchOf(model, config);
      const scores = readSync(model.score(await encoded(model, params, context), everyone(history), config));
      const rows = world.users.map((_, user) => [...scores.subarray(7 * user, 7 * user + 7)]);
      assertClose([readSync(value(params, batch))[0]], [plainly(rows, batch, config as RankingConfig)], 2e-5);
    }
  });

  Deno.test(`${name} has a softmax loss with the right gradient, the same on other devices`, async () => {
    const found: number[] = [];
    // A GPU starts kernels slowly.
    for (const device of devices.filter(({ name: kind }) => kind !== "webgpu" || name === "monet")) {
      const { config, params, value } = await prepared(model, world, { loss: "softmax", l2: 0.1 }, { device });
      const batch = batchOf(model, config);
      if (device === devices[1]) {
        assert(await checkGradient((p: Tree) => value(p, batch), params, { directions: 2 }) < 2e-2);
      }
      found.push((await read(value(params, batch)))[0]);
    }
    for (const other of found.slice(1)) assertClose([other], [found[0]], 2e-5);
  });

  Deno.test(`${name} finds the withheld items of the checkerboard by a softmax loss`, async () => {
    const board = checkerboard(16);
    const { score } = await trained(model, board, {
      settings: { dim: 16, loss: "softmax", negatives: 16 },
      training: { epochs: 20, batch: 32, lr: 0.01 },
    });
    const found = await rankItems(score, { history: histories(board, "train"), k: 1 });
    const heldOut = histories(board, "test");
    assertEquals(found.map(({ items }) => items[0]), board.users.map((_, user) => rowOf(heldOut, user)[0]));
  });
}

/** The models with `ownEdges`, and settings by which scores depend on histories through the graph alone. */
const GRAPHS: readonly (readonly [string, Config])[] = [
  ["lightgcn", {}],
  ["ngcf", {}],
  ["ngcf", { adjacency: "symmetric" }],
  ["monet", { beta: 0 }],
  ["monet", { beta: 0, propagation: "lightgcn" }],
  ["mmgcn", {}],
  ["lattice", { adjacency: "walk" }],
  ["lattice", { adjacency: "symmetric" }],
];

Deno.test("GRAPHS has every model with the setting ownEdges", () => {
  const named = Object.keys(models).filter((name) => Object.hasOwn(models[name].settings, "ownEdges"));
  assertEquals(named.toSorted(), [...new Set(GRAPHS.map(([name]) => name))].toSorted());
});

for (const [name, settings] of GRAPHS) {
  Deno.test(`${name} ${JSON.stringify(settings)} without own edges has the loss of the other edges' graph`, async () => {
    const model = models[name];
    const batch = SAMPLERS.interaction(history, { batch: 3 }).batch(key(5), 0);
    const left = new Set(Array.from(batch.users, (user, n) => `${user} ${batch.positives[n]}`));
    const rows = rowIndices(history);
    const kept = world.users.map((_, user) => [...rowOf(history, user)].filter((item) => !left.has(`${user} ${item}`)));
    assertEquals(total(kept.map(({ length }) => length)), entries(history) - 3);
    assert(
      rows.length === entries(history) && [...batch.users].every((u, n) => hasEntry(history, u, batch.positives[n])),
    );
    const fewer = dataset({ train: kept, modalities: world.modalities, items: 7 });
    const { params, value } = await prepared(model, world, { ...settings, ownEdges: false });
    const [expected, whole] = [await prepared(model, fewer, settings), await prepared(model, world, settings)];
    assertClose([readSync(value(params, batch))[0]], [readSync(expected.value(params, batch))[0]], 1e-5);
    const usual = readSync(whole.value(params, batch))[0];
    assert(Math.abs(readSync(value(params, batch))[0] - usual) > 1e-6, "the edges count");
  });
}

Deno.test("rankingSampler() is the named sampler for BPR, and shares what softmax needs", () => {
  const drawn = (settings: Config, sampler: "user" | "interaction" = "interaction") =>
    rankingSampler(history, configure(rankingSettings, settings), { sampler, batch: 4 }).batch(key(1), 0);
  for (const sampler of ["user", "interaction"] as const) {
    assertEquals(drawn({}, sampler), SAMPLERS[sampler](history, { batch: 4 }).batch(key(1), 0));
    const { negatives, shared } = drawn({ loss: "softmax", negatives: 9 }, sampler);
    assertEquals([negatives.length, shared], [9, true]);
    const own = drawn({ loss: "softmax", sample: "batch" }, sampler);
    assertEquals([own.negatives, own.shared], [own.positives, true]);
    const all = drawn({ loss: "softmax", sample: "all" }, sampler);
    assertEquals([[...all.negatives], all.shared, all.logQ], [[0, 1, 2, 3, 4, 5, 6], true, undefined]);
  }
});

Deno.test("a softmax loss refuses batches with negatives for each triple", async () => {
  const batch = SAMPLERS.interaction(history, { batch: 4 }).batch(key(1), 0);
  for (const [, model] of BPR) {
    const { params, value } = await prepared(model, world, { loss: "softmax" });
    const rule = "all triples must share one list of negatives; see rankingSampler()";
    assertThrows(() => value(params, batch), KindError, rule);
  }
});

Deno.test("mario refuses a softmax loss with the additive attention", () => {
  const config = configure(models.mario.settings, { loss: "softmax", attention: "additive" });
  const message = "Cannot train mario with loss=softmax and attention=additive: ";
  assertThrows(() => models.mario.prepare(world, config), ValueError, message);
});

Deno.test("scores are cosines by name, and by default with softmax only", () => {
  const cosines = (settings: Config) => hasCosines(configure(rankingSettings, settings));
  assertEquals([{}, { loss: "softmax" }, { scores: "cosine" }, { loss: "softmax", scores: "inner" }].map(cosines), [
    false,
    true,
    true,
    false,
  ]);
  const x = draw(1, 2, 3);
  assert(comparable(x, configure(rankingSettings, {})) === x);
});
