/** EASE: its Gram matrices, its weights, its refusal, and its accuracy on real data. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { ValueError } from "../../kernels/errors.ts";
import { openDevice, peakBytes } from "../../kernels/mod.ts";
import { fc } from "../fc.ts";
import { patternFromCoo, rowOf, takeRows } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { readSync, tensor } from "../../src/core/tensor.ts";
import { histories } from "../../src/data/dataset.ts";
import { readDataset } from "../../src/data/formats/mod.ts";
import { garden } from "../../src/data/garden.ts";
import { statistics } from "../../src/data/statistics.ts";
import type { Model } from "../../src/models/mod.ts";
import { addFeatureGram, ease, interactionGram, weights } from "../../src/models/ease.ts";
import { csr } from "../../src/ops/mod.ts";
import { evaluateScore } from "../../src/rank/evaluate.ts";
import { resolveSettings } from "../../src/runs/settings.ts";
import { train } from "../../src/runs/train.ts";
import { absent, DATA } from "../shared_data.ts";
import { assertClose, patterns } from "../support.ts";
import { dataset, everyone, noise } from "./worlds.ts";

const range = (n: number): number[] => [...Array(n).keys()];
const small = {
  train: [[0, 2, 3], [1, 2, 5], [3], [0, 4, 5], []],
  modalities: { image: noise(1, 7, 5), text: noise(2, 7, 3) },
  items: 7,
};
const solved = async (world: typeof small, changes: Config) =>
  readSync((await ease.prepare(dataset(world), configure(ease.settings, changes))).B);

Deno.test("interactionGram() counts the users of every two items", () => {
  fc.assert(fc.property(patterns(5, 6), (history) => {
    const has = (user: number, item: number) => rowOf(history, user).includes(item) ? 1 : 0;
    const expected = range(36).map((n) =>
      range(5).reduce((sum, user) => sum + has(user, Math.floor(n / 6)) * has(user, n % 6), 0)
    );
    assertEquals([...interactionGram(history)], expected);
  }));
});

Deno.test("addFeatureGram() adds the weighted cosines, of more rows than a product has, dense or sparse", async () => {
  const items = 300;
  const rows = range(items).map((i) => [1 + i % 3, i % 7 - 3]);
  rows[5] = [0, 0];
  const cosine = ([a, b]: number[], [c, d]: number[]) => {
    const lengths = Math.hypot(a, b) * Math.hypot(c, d);
    return lengths === 0 ? 0 : (a * c + b * d) / lengths;
  };
  const expected = rows.flatMap((x) => rows.map((y) => 1 + 2.5 * cosine(x, y)));
  const all = patternFromCoo([items, 2], range(2 * items).map((n) => n >> 1), range(2 * items).map((n) => n & 1));
  for (const x of [tensor(rows), csr(all, tensor(rows.flat()))]) {
    const gram = new Float32Array(items * items).fill(1);
    await addFeatureGram(gram, x as Parameters<typeof addFeatureGram>[1], 2.5);
    assertClose(gram, expected, 1e-5);
  }
});

Deno.test("weights() are stationary: the gradient of the ridge regression is 0 but on the diagonal", () => {
  const gram = interactionGram(histories(dataset(small), "train"));
  const b = weights(gram, 0.8, {});
  // ∂/∂B ½‖R − R B‖² + λ/2‖B‖² = G B − G + λ B
  const gradient = b.map((x, n) => {
    const [i, j] = [Math.floor(n / 7), n % 7];
    const product = range(7).reduce((sum, k) => sum + gram[7 * i + k] * b[7 * k + j], 0);
    return product - gram[n] + 0.8 * x;
  });
  gradient.forEach((x, n) => n % 8 === 0 ? assertEquals(b[n], 0) : assert(Math.abs(x) < 1e-5, `${n}: ${x}`));
});

Deno.test("features count with content above 0, with a share above 0, and bring an item without users into B", async () => {
  const [without, alone] = [{ content: 0 }, { side: "additive", share: 0 }];
  const bare = await solved({ ...small, modalities: {} as typeof small.modalities }, {});
  for (const changes of [without, alone]) assertEquals(await solved(small, changes), bare);
  // Item 6 has no users.
  const column = (b: Float32Array) => range(6).map((i) => b[7 * i + 6]);
  assertEquals(column(bare), [0, 0, 0, 0, 0, 0]);
  for (const side of ["collective", "additive"]) {
    assert(column(await solved(small, { side, l2: 1 })).every((x) => x !== 0), side);
  }
});

Deno.test("the default λ is five times the mean number of training users of an item", async () => {
  // 10 interactions with 7 items.
  assertClose(await solved(small, { l2: 0 }), await solved(small, { l2: 50 / 7 }), 1e-6);
});

Deno.test("score() is a sum of rows of B, for any users of a block", async () => {
  const data = dataset(small);
  const config = configure(ease.settings, {});
  const context = await ease.prepare(data, config);
  const b = readSync(context.B);
  const expected = small.train.flatMap((own) => range(7).map((j) => own.reduce((sum, i) => sum + b[7 * i + j], 0)));
  const history = histories(data, "train");
  assertClose(readSync(ease.score(context, everyone(history), config)), expected, 1e-5);
  // Users are their histories, so new users need nothing else.
  const joined = ease.foldInUser!(context, takeRows(history, [1, 0]), config);
  const found = readSync(ease.score(joined, everyone(takeRows(history, [1, 0])), config));
  assertClose(found, [...expected.slice(7, 14), ...expected.slice(0, 7)], 1e-5);
});

Deno.test("ease refuses more items than the device has room for, in one sentence", async () => {
  const data = dataset({ train: [[0]], modalities: {} as typeof small.modalities, items: 40_000 });
  await assertRejects(
    () => ease.prepare(data, configure(ease.settings, {})),
    ValueError,
    "Cannot prepare ease for 40,000 items: its items × items matrices take 30,518 MiB and ",
  );
});

Deno.test("memory() of ease is near the peak", async () => {
  const data = garden(key(0), { users: 60, items: 700 });
  const peak = peakBytes();
  const { device } = await openDevice("wasm", { threads: 1, private: true, instrument: peak.instrument });
  await train(ease, data, { device, test: false });
  device.close!();
  const model: Model = ease;
  const share = model.memory!(statistics(data), resolveSettings(model, {})) / peak.bytes()!;
  assert(share > 0.7 && share < 1.7, `${share}`);
});

Deno.test({
  name: "ease on ml100k, with its features (needs ../shared/data)",
  ignore: absent("ml100k"),
  fn: async () => {
    const data = await readDataset(DATA + "ml100k");
    const [history, heldOut] = [histories(data, "train"), histories(data, "test")];
    const config = configure(ease.settings, {});
    const context = await ease.prepare(data, config);
    const found = await evaluateScore((block) => ease.score(context, block, config), {
      history,
      heldOut,
      cutoffs: [20],
    });
    const recall = found.metrics["recall@20"];
    assert(recall > 0.337 && recall < 0.343, `${recall}`);
  },
});
