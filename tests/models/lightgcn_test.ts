/** LightGCN, and BPR-MF, which is LightGCN without layers. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { degree } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { configure } from "../../src/core/settings.ts";
import { readSync } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { bprMf } from "../../src/models/bpr_mf.ts";
import type { Factors } from "../../src/models/factors.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { assertClose } from "../support.ts";
import { plainAdjacency, range, rowsOf, triplesOf } from "./monet_plain.ts";
import { dataset, everyone, worlds } from "./worlds.ts";

const anyWorld = worlds([]);
const norms = fc.constantFrom("squared", "unsquared");

Deno.test("lightgcn is (3, 4): the mean of layers, each a sum over neighbours by 1/√(degree · degree)", () => {
  fc.assert(fc.property(anyWorld, fc.nat(3), (world, layers) => {
    const context = lightgcn.prepare(dataset(world), configure(lightgcn.settings, { dim: 3, layers }));
    const { users, items } = lightgcn.init(key(1), context);
    const weights = plainAdjacency(context.history);
    const all = [[...rowsOf(users), ...rowsOf(items)]];
    for (let l = 0; l < layers; l++) {
      const step = weights.map((row) =>
        range(3).map((d) => row.reduce((sum, weight, other) => sum + weight * all[l][other][d], 0))
      );
      all.push(step);
    }
    const expected = all[0].map((row, n) => row.map((_, d) => all.reduce((sum, e) => sum + e[n][d], 0) / (layers + 1)));
    const found = lightgcn.encode({ users, items }, context);
    assertClose([found.users, found.items].flatMap((x) => [...readSync(x)]), expected.flat(), 1e-6);
  }));
});

Deno.test("lightgcn multiplies the embedding of an item without users by 1/(L + 1)", () => {
  fc.assert(fc.property(anyWorld, fc.nat(3), (world, layers) => {
    const context = lightgcn.prepare(dataset(world), configure(lightgcn.settings, { dim: 2, layers }));
    const params = lightgcn.init(key(2), context);
    const cold = range(world.items).filter((item) => !context.history.indices.includes(item));
    const strangers = range(context.history.rows).filter((user) => degree(context.history, user) === 0);
    const found = lightgcn.encode(params, context);
    const share = (x: number) => x / (layers + 1);
    for (const item of cold) assertClose(rowsOf(found.items)[item], rowsOf(params.items)[item].map(share), 1e-6);
    for (const user of strangers) assertClose(rowsOf(found.users)[user], rowsOf(params.users)[user].map(share), 1e-6);
  }));
});

Deno.test("lightgcn without layers is bprmf: loss, gradient and scores", () => {
  fc.assert(fc.property(anyWorld, norms, (world, norm) => {
    const data = dataset(world);
    const settings = { dim: 3, l2: 0.1, norm };
    const [a, b] = [configure(lightgcn.settings, { ...settings, layers: 0 }), configure(bprMf.settings, settings)];
    const [inLight, inMf] = [lightgcn.prepare(data, a), bprMf.prepare(data, b)];
    const params = lightgcn.init(key(3), inLight);
    const batch = triplesOf(inMf.history);
    const found = [
      valueAndGrad((p: Factors) => lightgcn.loss(p, batch, inLight, key(0)))(params),
      valueAndGrad((p: Factors) => bprMf.loss(p, batch, inMf, key(0)))(params),
    ].map(([value, gradient]) => [value, ...leaves(gradient).map(([, leaf]) => leaf)].flatMap((x) => [...readSync(x)]));
    assertClose(found[0], found[1], 1e-6);
    const scores = [
      lightgcn.score(lightgcn.encode(params, inLight), everyone(inMf.history), a),
      bprMf.score(bprMf.encode(params, inMf), everyone(inMf.history), b),
    ].map((x) => [...readSync(x)]);
    assertClose(scores[0], scores[1], 1e-6);
  }));
});

Deno.test("lightgcn and bprmf draw embeddings as the setting says", () => {
  const data = dataset({ train: range(400).map((user) => [user % 300]), modalities: {}, items: 300 });
  const variance = (init: string, model: typeof lightgcn | typeof bprMf) => {
    const config = configure(model.settings as typeof lightgcn.settings, { init, dim: 20 });
    const params = (model as typeof lightgcn).init(key(1), (model as typeof lightgcn).prepare(data, config));
    return Object.values(params).map((x) => {
      const numbers = [...readSync(x)];
      return numbers.reduce((sum, value) => sum + value * value, 0) / numbers.length;
    });
  };
  const glorot = [2 / 420, 2 / 320];
  const expected = { small: [0.01, 0.01], uniform: glorot, normal: glorot };
  for (const model of [lightgcn, bprMf]) {
    for (const [init, variances] of Object.entries(expected)) {
      variance(init, model).forEach((v, n) => assert(Math.abs(v / variances[n] - 1) < 0.08, `${init}: ${v}`));
    }
  }
  assertEquals(configure(lightgcn.settings, {}).init, "small");
});
