/**
 * A training and an evaluation give the same bits on any number of threads, and in machine code, in constant memory.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { nativeDevice } from "../../kernels/native/device.ts";
import { type WasmDevice, wasmDevice } from "../../kernels/wasm/device.ts";
import { integers, key } from "../../src/core/random.ts";
import { configure } from "../../src/core/settings.ts";
import { readSync } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { SAMPLERS } from "../../src/data/batch.ts";
import { type Dataset, histories } from "../../src/data/dataset.ts";
import { models } from "../../src/models/mod.ts";
import { monet } from "../../src/models/monet.ts";
import { evaluateScore } from "../../src/rank/evaluate.ts";
import { adam } from "../../src/train/adam.ts";
import { fit } from "../../src/train/fit.ts";
import { constant } from "../../src/train/schedule.ts";
import { sets } from "../kernels/native/support.ts";
import { dataset, noise, trained } from "./worlds.ts";

const [USERS, ITEMS, EACH] = [500, 400, 9];

/** A world so large that threads share nearly every operation. Features of 61 and 33 numbers leave parts of tiles. */
function crowd(): Dataset {
  const drawn = integers(key(5), USERS * EACH, ITEMS);
  const lists = Array.from(
    { length: USERS },
    (_, user) => [...new Set(drawn.subarray(user * EACH, (user + 1) * EACH))],
  );
  return dataset({
    train: lists.map((list) => list.slice(1)),
    test: lists.map((list) => list.slice(0, 1)),
    modalities: { image: noise(1, ITEMS, 61), text: noise(2, ITEMS, 33) },
    items: ITEMS,
  });
}

/** The number of threads of each device, and its instruction set where machine code can run. */
const DEVICES = [[1, null], [2, "avx512"], [3, null], [5, "avx2"]] as const;

/** Uses devices of 1, 2, 3 and 5 threads, one after the other, and ends their workers. */
async function withThreads<T>(body: (device: WasmDevice) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const [threads, vectors] of DEVICES) {
    const device = vectors !== null && sets.includes(vectors)
      ? nativeDevice({ threads, vectors })
      : wasmDevice({ threads });
    results.push(await body(device));
    for (let looks = 0; device.started() < threads - 1 && looks < 1000; looks++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assertEquals(device.started(), threads - 1, "there was nothing to share");
    device.close();
  }
  return results;
}

const data = crowd();
const integersOf = ({ buffer, byteOffset, length }: Float32Array) => new Uint32Array(buffer, byteOffset, length);

for (const [name, model] of Object.entries(models).filter(([, { training }]) => training.epochs !== 0)) {
  Deno.test(`${name} trains to the same bits, and ranks the same, on 1, 2, 3 and 5 threads and in machine code`, async () => {
    const [expected, ...others] = await withThreads(async (device) => {
      const training = { epochs: 3, batch: 256, lr: 0.01 };
      const { params, score } = await trained(model, data, { device, training });
      const bits = leaves(params).map(([path, leaf]) => [path, Uint32Array.from(integersOf(readSync(leaf)))] as const);
      const [history, heldOut] = [histories(data, "train"), histories(data, "test")];
      return { bits, evaluation: await evaluateScore(score, { history, heldOut, budget: 2 ** 20 }) };
    });
    assert(expected.bits.length > 0);
    for (const other of others) {
      assertEquals(other.bits.map(([path]) => path), expected.bits.map(([path]) => path));
      other.bits.forEach(([path, words], n) => {
        const where = words.findIndex((word, i) => word !== expected.bits[n][1][i]);
        assert(where < 0, `number ${where} of ${path} differs`);
      });
      assertEquals(other.evaluation, expected.evaluation);
    }
  });
}

Deno.test("a training on three threads holds the same bytes after every step", async () => {
  const device = wasmDevice({ threads: 3 });
  const context = monet.prepare(data, configure(monet.settings, {}), { device });
  const steps = fit(
    adam().start(monet.init(key(1), context)),
    (params, batch, key) => monet.loss(params, batch, context, key),
    {
      batches: SAMPLERS.user(histories(data, "train"), { batch: 64 }),
      optimizer: adam(),
      rate: constant(1e-3),
      epochs: 4,
      key: key(2),
    },
  );
  const used: number[] = [];
  for await (const _ of steps) used.push(device.bytesUsed());
  assert(used.length >= 200, `${used.length} steps were taken`);
  assertEquals(device.started(), 2);
  // The first step allocates memory that later steps use again; after the second step nothing is added or freed.
  assertEquals(new Set(used.slice(1)), new Set([used[1]]));
  device.close();
});
