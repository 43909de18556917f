/**
 * Nympheas: its equations, its negatives, and vectors of cold items.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { patternFromCoo } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { readSync, tensor } from "../../src/core/tensor.ts";
import { mapTree, type Tree } from "../../src/core/tree.ts";
import type { Triples } from "../../src/data/batch.ts";
import { histories } from "../../src/data/dataset.ts";
import { garden } from "../../src/data/garden.ts";
import { coldItems, resplit } from "../../src/data/split.ts";
import { samplerOf } from "../../src/models/mod.ts";
import {
  coldVectors,
  embed,
  frozenNeighbours,
  interactions,
  loss,
  nympheas,
  type NympheasParams,
} from "../../src/models/nympheas.ts";
import { scale, toDense, uniform } from "../../src/ops/mod.ts";
import { itemDegrees } from "../../src/rank/exposure.ts";
import { evaluate } from "../../src/runs/run.ts";
import { train } from "../../src/runs/train.ts";
import { dot, plainAdjacency, product, range, type Rows, rowsOf } from "./monet_plain.ts";
import { plainNearest } from "./lattice_plain.ts";
import { dataset, noise } from "./worlds.ts";
import { assertClose } from "../support.ts";

/** Items 6 and 7 have no users. */
const world = {
  train: [[0, 2], [1, 2, 5], [3], [0, 4, 5], []],
  modalities: { image: noise(1, 8, 5), text: noise(2, 8, 3) },
  items: 8,
};
const small = dataset(world);
const WARM = [0, 1, 2, 3, 4, 5];

async function ready(changes: Config = {}, data = small) {
  const context = await nympheas.prepare(data, configure(nympheas.settings, { dim: 6, neighbours: 3, ...changes }));
  const params = mapTree((x) => scale(x, 1.5), nympheas.init(key(4), context));
  const { history, config } = context;
  const batch = samplerOf(nympheas, history, config, { sampler: "interaction", batch: 6 }).batch(key(2), 0);
  return { context, params, batch };
}
type Ready = Awaited<ReturnType<typeof ready>>;

const lengthOne = (rows: Rows) => rows.map((row) => row.map((x) => x / Math.sqrt(dot(row, row))));
const denseRows = (x: unknown): Rows => rowsOf(x as Parameters<typeof rowsOf>[0]);

/** The equations (1, 3, 4) in plain numbers, along the graph without some pairs. */
function plain({ context, params }: Ready, without: readonly (readonly [number, number])[] = []) {
  const { history, config: { similarity }, features, similar } = context;
  const masked = (rows: Rows) => rows.map((row, i) => WARM.includes(i) ? row : row.map(() => 0));
  const sum = (x: Rows, y: Rows, w = 1) => x.map((row, i) => row.map((value, d) => value + w * y[i][d]));
  const described = (layer: "W" | "V", y: Rows) =>
    Object.keys(features).map((m) => {
      const T = rowsOf(params.modalities[m][layer]);
      const own = denseRows(features[m]).map((x) => T.map((row) => dot(row, x)));
      return sum(own, product(denseRows(toDense(similar[m])), y), similarity / 2);
    }).reduce((x, y) => sum(x, y));
  const ids = masked(denseRows(params.items));
  const left = world.train.map((list, u) => list.filter((i) => !without.some(([v, j]) => u === v && i === j)));
  const graph = plainAdjacency(histories(dataset({ ...world, train: left }), "train"));
  const start = [...denseRows(params.users), ...ids], one = product(graph, start), two = product(graph, one);
  const h = sum(sum(start, one), two).map((row) => row.map((x) => x / 3));
  const items = sum(h.slice(history.rows), described("W", ids));
  return { users: h.slice(0, history.rows), items, v: described("V", masked(lengthOne(items))) };
}

/** The softmax loss of cosines in plain numbers. */
function plainLoss(users: Rows, positives: Rows, negatives: Rows, batch: Triples, temperature: number): number {
  const [u, p, e] = [users, positives, negatives].map(lengthOne);
  const terms = Array.from(batch.users, (user, n) => {
    const scores = [...batch.negatives].filter((j) => j !== batch.positives[n]).map((j) => dot(u[user], e[j]));
    const own = dot(u[user], p[batch.positives[n]]) / temperature;
    return Math.log(Math.exp(own) + scores.reduce((sum, s) => sum + Math.exp(s / temperature), 0)) - own;
  });
  return terms.reduce((sum, x) => sum + x, 0) / terms.length;
}

Deno.test("frozenNeighbours() is (2): equal shares of the nearest warm items, and none of the item itself", async () => {
  const { context: { features } } = await ready();
  const flags = Uint8Array.from(range(8), (i) => WARM.includes(i) ? 1 : 0);
  const found = readSync(toDense(await frozenNeighbours(features.image, 3, flags)));
  const expected = plainNearest(denseRows(features.image), 4).map((row, i) => {
    const kept = row.map((s, j) => s > 0 && j !== i && WARM.includes(j) ? 1 : 0);
    const sum = kept.reduce<number>((total, x) => total + x, 0);
    return kept.map((x) => sum === 0 ? 0 : x / sum);
  });
  assertClose(found, expected.flat(), 1e-6);
  assert(expected.flat().some((x) => x > 0));
});

Deno.test("embed() and coldVectors() are (1, 3, 4)", async () => {
  const made = await ready({ similarity: 0.7 });
  const { context, params } = made;
  const { users, items } = embed(params, context);
  const expected = plain(made);
  assertClose(readSync(users), expected.users.flat(), 1e-5);
  assertClose(readSync(items), expected.items.flat(), 1e-5);
  assertClose(readSync(coldVectors(params, items, context)), expected.v.flat(), 1e-5);
});

Deno.test("an item without training interactions has its cold vector, and its id no influence", async () => {
  const { context, params, batch } = await ready();
  const [items, { v }] = [denseRows(nympheas.encode(params, context).items), plain({ context, params, batch })];
  assertClose(items.slice(6).flat(), lengthOne(v).slice(6).flat(), 1e-5);
  assertClose(items.slice(0, 6).flat(), lengthOne(denseRows(embed(params, context).items)).slice(0, 6).flat(), 1e-6);
  const ids = denseRows(params.items).map((row, i) => WARM.includes(i) ? [...row] : row.map(() => 99));
  assertEquals(denseRows(nympheas.encode({ ...params, items: tensor(ids) }, context).items), items);
  const [, gradient] = valueAndGrad((p: NympheasParams) => loss(p, batch, context, key(7)))(params);
  for (const row of denseRows(gradient.items).slice(6)) assertEquals(row, row.map(() => 0));
});

Deno.test("loss() is (6): without the batch's own interactions, and with cold vectors among both kinds", async () => {
  const made = await ready({ cold: 0.3, temperature: 0.4 });
  const { context, params, batch } = made;
  const pairs = Array.from(batch.users, (user, n) => [user, batch.positives[n]] as const);
  const { users, items, v } = plain(made, pairs);
  const kept = Array.from(readSync(uniform(key(7), [8])), (x) => x > 0.5);
  assert(WARM.some((i) => kept[i]) && WARM.some((i) => !kept[i]));
  const rivals = items.map((row, i) => kept[i] ? row : v[i]);
  const [warm, cold] = [[items, items], [v, rivals]].map(([own, others]) => plainLoss(users, own, others, batch, 0.4));
  assertClose(readSync(loss(params, batch, context, key(7))), [warm + 0.3 * cold], 1e-5);
  assert(Math.abs(warm - cold) > 1e-2);
});

Deno.test("loss() has the right gradient; the part of cold vectors moves nothing else, not by a bit", async () => {
  const { context, params, batch } = await ready();
  const within = (cold: number) => (p: NympheasParams) =>
    loss(p, batch, { ...context, config: { ...context.config, cold } }, key(7));
  assert(await checkGradient((p: Tree) => within(0)(p as NympheasParams), params) < 2e-2);
  const [without, strong] = [0, 5].map((cold) => valueAndGrad(within(cold))(params)[1]);
  const bits = ({ users, items, modalities }: NympheasParams) =>
    [users, items, modalities.image.W, modalities.text.W].map((x) => readSync(x));
  assertEquals(bits(strong), bits(without));
  assert(readSync(strong.modalities.text.V).every((x) => x !== 0));
  const layers = (V: NympheasParams["modalities"][string]["V"]): NympheasParams => ({
    ...params,
    modalities: { ...params.modalities, text: { ...params.modalities.text, V } },
  });
  assert(
    await checkGradient((V: Tree) => within(5)(layers(V as Parameters<typeof layers>[0])), params.modalities.text.V) <
      2e-2,
  );
});

Deno.test("the negatives are the warm items, or a sample of them, and the temperature follows", async () => {
  const { context: { history, config } } = await ready();
  const draw = (changes: Config) =>
    samplerOf(nympheas, history, { ...config, ...changes }, { sampler: "interaction", batch: 6 }).batch(key(2), 0);
  assertEquals([...draw({}).negatives], WARM);
  const temperature = async (changes: Config) => (await ready(changes)).context.config.temperature;
  assertEquals([await temperature({}), await temperature({ full: 5 }), await temperature({ temperature: 1 })], [
    0.2,
    0.3,
    1,
  ]);
  const sample = draw({ full: 5, negatives: 40 });
  assertEquals(sample.negatives.length, 40);
  assertEquals(new Set(sample.negatives), new Set(WARM));
});

Deno.test("nympheas gives sparse features the vectors of the same features when dense", async () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const at = range(8).map((item) => [item, item % 3]);
  const pattern = patternFromCoo([8, 3], at.map(([i]) => i), at.map(([, c]) => c));
  const written = new Float32Array(24);
  at.forEach(([item, column], e) => written[3 * item + column] = values[e]);
  const known = new Uint8Array(8).fill(1);
  const results = await Promise.all([
    { kind: "sparse", pattern, values, known } as const,
    { kind: "dense", columns: 3, values: written, known } as const,
  ].map(async (tags) => {
    const { context, params, batch } = await ready({}, { ...small, modalities: { tags } });
    const { users, items } = nympheas.encode(params, context);
    return [users, items, loss(params, batch, context, key(7))].flatMap((x) => [...readSync(x)]);
  }));
  assertClose(results[0], results[1], 1e-5);
});

Deno.test("nympheas without features is propagation with a softmax loss", async () => {
  const { context, params, batch } = await ready({}, { ...small, modalities: {} });
  const [found, expected] = [embed(params, context), interactions(params, context)];
  assertEquals(readSync(found.users), readSync(expected.users));
  assertEquals(readSync(found.items).slice(0, 36), readSync(expected.items).slice(0, 36));
  assert(Number.isFinite(readSync(loss(params, batch, context, key(7)))[0]));
});

Deno.test("nympheas finds cold items of the garden by their features", async () => {
  const data = resplit(garden(key(0), { users: 300, items: 200 }), coldItems(key(1)));
  const run = await train(nympheas, data, { epochs: 25, settings: { every: 25 }, seed: 1 });
  const degrees = itemDegrees(histories(data, "train"));
  const candidates = data.items.filter((_, item) => degrees[item] === 0);
  const { metrics } = await evaluate(run, { candidates, cutoffs: [10] });
  // Ten of forty items at random have a recall of a quarter.
  assert(metrics["recall@10"] > 0.4, `${metrics["recall@10"]}`);
});
