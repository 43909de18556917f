/** The fold-in of users: the formula of each graph, for users who join it. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { ValueError } from "../../kernels/errors.ts";
import { patternFromCoo, takeRows } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { type Matrix, readSync, type Tensor, tensor, zeros } from "../../src/core/tensor.ts";
import { mapTree, type Tree } from "../../src/core/tree.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { encoded, type Factors, models } from "../../src/models/mod.ts";
import { joinedLayers, type Joining, JOININGS, sumOfItems } from "../../src/models/fold_in.ts";
import { concatRows, scale, sliceRows } from "../../src/ops/mod.ts";
import { assertClose } from "../support.ts";
import { dataset, noise } from "./worlds.ts";

const [USERS, ITEMS] = [5, 11];
const modalities = { image: noise(1, ITEMS, 3), text: noise(2, ITEMS, 6) };
const train = [[0, 2, 7], [1, 2, 5], [3], [0, 4, 5, 9], [8]];
const newcomers = [[2, 5, 9, 10], [6], [0, 1, 2, 3]];
const history = patternFromCoo<number, number>(
  [newcomers.length, ITEMS],
  newcomers.flatMap((items, user) => items.map(() => user)),
  newcomers.flat(),
);

/** Returns parameters in which new users have embeddings of zeros. */
function extended(params: Tree): Tree {
  const more = (x: Matrix): Matrix => zeros<[number, number]>([1, x.shape[1]]);
  return mapTree((x) => {
    const own = x as Matrix;
    if (x.shape[0] === USERS) return concatRows([own, more(own)]);
    if (x.shape[0] !== USERS + ITEMS) return x;
    return concatRows([sliceRows(own, 0, USERS), more(own), sliceRows(own, USERS, USERS + ITEMS)]);
  }, params);
}

/** Settings with one layer: the items' embeddings of the layer before do not know who joins. */
const VARIANTS: readonly (readonly [name: string, settings: Config])[] = [
  ["lightgcn", { layers: 1 }],
  ["ngcf", { layers: 1 }],
  ["ngcf", { layers: 1, layer: "paper", adjacency: "symmetric" }],
  ["lattice", { layers: 1, neighbours: 3 }],
  ["lattice", { layers: 1, neighbours: 3, adjacency: "symmetric" }],
  ["lattice", { layers: 1, neighbours: 3, encoder: "ngcf" }],
  ["mmgcn", { layers: 1 }],
  ["mmgcn", { layers: 1, propagation: "linear" }],
  ["mmgcn", { layers: 1, propagation: "combined" }],
  ["grcn", { layers: 1 }],
  ["grcn", { layers: 1, weights: "mean", pruning: "hard", routings: 2 }],
  ["gume", { layers: 1, neighbours: 3 }],
  ["gume", { layers: 1, neighbours: 3, enhance: false }],
  ["freedom", { layers: 1, neighbours: 3 }],
  ["bm3", { layers: 1 }],
  ["mgcn", { layers: 1, neighbours: 3 }],
  ["monet", { layers: 1 }],
  ["monet", { layers: 1, alpha: 0.3, cf: "lightgcn", fusion: "fc" }],
  ["monet", { layers: 1, propagation: "normalized", fusion: "weighted" }],
  ["monet", { layers: 1, propagation: "lightgcn", cf: "megcn" }],
  ["mario", { layers: 1, encoder: "lightgcn" }],
  ["mario", { layers: 1, encoder: "ngcf" }],
  ["nympheas", { layers: 1, neighbours: 3 }],
];

async function encodingOf(name: string, settings: Config, data: Dataset, change: (params: Tree) => Tree) {
  const model = models[name];
  const config = configure(model.settings, { dim: 4, ...settings });
  const small = await model.prepare(dataset({ train, modalities, items: ITEMS }), config);
  const params = mapTree((x) => scale(x, 1.5), model.init(key(4), small));
  const context = await model.prepare(data, config);
  return { model, config, found: await encoded(model, change(params), context) as Factors };
}

for (const [name, settings] of VARIANTS) {
  const words = Object.entries(settings).map(([setting, value]) => `${setting}=${value}`).join(" ");
  Deno.test(`${name} folds users in as nodes of its graph, with ${words}`, async () => {
    const { model, config, found } = await encodingOf(
      name,
      settings,
      dataset({ train, modalities, items: ITEMS }),
      (params) => params,
    );
    const joined = model.foldInUser!(found, history, config) as Factors;
    const trained = new Set(train.flat());
    for (const [n, items] of newcomers.entries()) {
      // The ids of items without training interactions are zeros in nympheas, but not in the larger graph.
      if (name === "nympheas" && !items.every((item) => trained.has(item))) continue;
      const whole = dataset({ train: [...train, items], modalities, items: ITEMS });
      const { found: { users } } = await encodingOf(name, settings, whole, extended);
      const [a, b] = [sliceRows(joined.users, n, n + 1), sliceRows(users, USERS, USERS + 1)];
      assertClose(readSync(a), readSync(b), 1e-5);
    }
  });
}

for (const [name, model] of Object.entries(models)) {
  Deno.test(`${name} folds users in together as it does one by one, and leaves items as they are`, async () => {
    const data = dataset({ train, modalities, items: ITEMS });
    const settings: Config = Object.hasOwn(model.settings, "neighbours") ? { neighbours: 3 } : {};
    const config = configure(model.settings, settings);
    const context = await model.prepare(data, config);
    const e = await encoded(model, model.init(key(4), context), context);
    const scores = (numbers: readonly number[]) => {
      const sets = takeRows(history, Int32Array.from(numbers));
      const users = Int32Array.from(numbers.keys());
      return readSync(model.score(model.foldInUser!(e, sets, config), { users, history: sets }, config));
    };
    const together = scores([0, 1, 2]);
    assertClose([...scores([2]), ...scores([0])], [...together.slice(2 * ITEMS), ...together.slice(0, ITEMS)], 1e-5);
    assertEquals(together.every(Number.isFinite), true);
  });
}

Deno.test("joined users of LightGCN receive messages from every layer", async () => {
  const data = dataset({ train, modalities, items: ITEMS });
  const { model, config, found } = await encodingOf("lightgcn", { layers: 3 }, data, (params) => params);
  const { messages } = found as Factors & { messages: Record<string, Tensor<[number, number]>> };
  const { users } = model.foldInUser!(found, history, config) as Factors;
  const expected = newcomers.flatMap((items) =>
    Array.from({ length: 4 }, (_, d) => {
      const sums = Object.values(messages).map((m) =>
        items.reduce((sum, item) => sum + readSync(m)[4 * item + d], 0) / Math.sqrt(items.length)
      );
      return sums.reduce((a, b) => a + b, 0) / 4;
    })
  );
  assertClose(readSync(users), expected);
});

Deno.test("the own embedding of a user who joins enters the next layer with its weight", () => {
  const sets = patternFromCoo<number, number>([1, 3], [0, 0], [0, 2]);
  const messages = { 0: tensor([[1], [9], [2]]), 1: tensor([[4], [9], [6]]) };
  const numbers = (how: Joining) => joinedLayers(messages, sets, how).map((x) => readSync(x)[0]);
  assertClose(numbers(JOININGS.walk), [0, 1.5, 5]);
  assertClose(numbers(JOININGS.selfWalk), [0, 1, 10 / 3 + 1 / 3]);
  assertClose(numbers(JOININGS.symmetric), [0, 3 / Math.sqrt(2), 10 / Math.sqrt(2)]);
  assertClose(numbers(JOININGS.selfSymmetric), [0, 3 / Math.sqrt(3), 10 / Math.sqrt(3) + 3 / Math.sqrt(3) / 3]);
});

Deno.test("monet keeps a share α of a user who joins in the second layer", async () => {
  const data = dataset({ train, modalities, items: ITEMS });
  const { model, config, found } = await encodingOf("monet", { alpha: 0.5, layers: 2 }, data, (params) => params);
  const e = found as Factors & { messages: Record<string, Matrix> };
  const [first, second] = Object.values(e.messages).map((sent) => readSync(sumOfItems(sent, history)));
  const { users } = model.foldInUser!(e, history, config) as Factors;
  assertClose(readSync(users), second.map((x, n) => x + 0.5 * first[n]));
});

Deno.test("sumOfItems() is n^(−½) Σ e_i, and 0 without items", () => {
  const sets = patternFromCoo([2, 2], [0, 0], [0, 1]);
  assertClose(readSync(sumOfItems(tensor([[1], [3]]), sets)), [4 / Math.sqrt(2), 0]);
});

Deno.test("embeddings without messages are refused with the remedy", () => {
  const e = { users: zeros([1, 4]), items: zeros([ITEMS, 4]) };
  const config = configure(models.lightgcn.settings, { dim: 4 });
  assertThrows(() => models.lightgcn.foldInUser!(e, history, config), ValueError, "train again");
});
