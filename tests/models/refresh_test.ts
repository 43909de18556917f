/** Tests of the parts of a context that a refresh builds: their use, and when they are freed. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { key } from "../../src/core/random.ts";
import { free } from "../../src/core/scope.ts";
import { type Matrix, readSync, tensor } from "../../src/core/tensor.ts";
import type { Config } from "../../src/core/settings.ts";
import { type SamplerOptions, SAMPLERS } from "../../src/data/batch.ts";
import { histories } from "../../src/data/dataset.ts";
import { encoded, type Model, objective, popularity, type RefreshAt, samplerOf } from "../../src/models/mod.ts";
import { add, matmulNT, scale, sum } from "../../src/ops/mod.ts";
import { dataset } from "./worlds.ts";

interface Context {
  readonly fixed: Matrix;
  readonly twice?: Matrix;
}

type Params = { readonly x: Matrix };

const made: Matrix[] = [];

/** A model whose refresh adds twice its parameters to its context. Its scores mean nothing. */
const doubling: Model<Record<string, never>, Context, Params, Params, Promise<Context>> = {
  name: "doubling",
  about: "twice its parameters",
  source: "this test",
  settings: {},
  training: {},
  prepare: () => Promise.resolve({ fixed: tensor([[1, 2]]) }),
  init: () => ({ x: tensor([[10, 20]]) }),
  refresh: ({ x }) => {
    made.push(scale(x, 2));
    return Promise.resolve({ twice: made.at(-1)! });
  },
  loss: ({ x }, _batch, { fixed, twice }) => sum(add(add(x, fixed), twice!)),
  encode: ({ x }, { fixed, twice }) => ({ x: add(add(x, fixed), twice!) }),
  score: ({ x }) => matmulNT(x, x),
};
const data = dataset({ train: [[0], [1]], modalities: {}, items: 3 });

Deno.test("encoded() encodes with the refresh of these parameters, and frees only its tensors", async () => {
  const context = await doubling.prepare(data, {});
  for (const x of [tensor([[10, 20]]), tensor([[1, 2]])]) {
    const e = await encoded(doubling, { x }, context);
    const [a, b] = readSync(x);
    assertEquals([...readSync(e.x)], [3 * a + 1, 3 * b + 2]);
    assert(made.at(-1)!.storage.freed);
    assert(!context.fixed.storage.freed && !x.storage.freed);
  }
});

Deno.test("encoded() returns tensors of its own, even where a model returns its context", async () => {
  const context = popularity.prepare(data, {});
  const before = readSync(context.counts);
  free(await encoded(popularity, {}, context));
  assertEquals(readSync(context.counts), before);
});

Deno.test("objective() gives the loss the refreshed parts and the fixed parts", async () => {
  const context = await doubling.prepare(data, {});
  const params = doubling.init(key(0), context);
  const { loss, refresh } = objective(doubling, context);
  const fresh = await refresh(params, { key: key(0), epoch: 0 });
  assertEquals(Object.keys(fresh), ["twice"]);
  const batch = SAMPLERS.user(histories(data, "train"), { batch: 2 }).batch(key(0), 0);
  const moved = { x: tensor([[0, 0]]) };
  assertEquals([params, moved].map((p) => readSync(loss(p, batch, key(0), fresh))[0]), [93, 63]);
});

Deno.test("objective() refreshes nothing for a model without refresh", async () => {
  assertEquals(await objective(popularity, popularity.prepare(data, {})).refresh({}, { key: key(0), epoch: 0 }), {});
});

Deno.test("objective() refreshes with the key of an epoch, and encoded() with a fixed key", async () => {
  const seen: RefreshAt[] = [];
  const watched: typeof doubling = {
    ...doubling,
    refresh: (params, context, at) => {
      seen.push(at);
      return doubling.refresh!(params, context, at);
    },
  };
  const context = await watched.prepare(data, {});
  const params = watched.init(key(0), context);
  await objective(watched, context).refresh(params, { key: key(9), epoch: 4 });
  await encoded(watched, params, context);
  assertEquals(seen, [
    { key: key(9), epoch: 4, purpose: "epoch" },
    { key: key(0), epoch: 0, purpose: "encode" },
  ]);
});

Deno.test("samplerOf() is the model's own sampler, or the setting's without the model's settings", () => {
  const history = histories(dataset({ train: [[0], [1], [2]], modalities: {}, items: 9 }), "train");
  const how = { sampler: "user", batch: 2 } as const;
  const config: Config = { negatives: 4 };
  const plain = samplerOf({}, history, config, how);
  assertEquals(plain.batch(key(1), 0), SAMPLERS.user(history, { batch: 2 }).batch(key(1), 0));
  const sampler = (of: typeof history, config: Config, { batch }: SamplerOptions) =>
    SAMPLERS.interaction(of, { batch, negatives: Number(config.negatives) });
  assertEquals(samplerOf({ sampler }, history, config, how).batch(key(1), 0).negatives.length, 8);
});
