/**
 * Training on a GPU: the same losses as on the processor, no copies back during a step, and constant memory.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { type Device, wasm, type WebGpuDevice } from "../../kernels/mod.ts";
import { webgpuDevice } from "../../kernels/gpu/device.ts";
import { patternFromCoo } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { free, scope } from "../../src/core/scope.ts";
import { configure } from "../../src/core/settings.ts";
import { read } from "../../src/core/tensor.ts";
import { SAMPLERS } from "../../src/data/batch.ts";
import { type Dataset, histories, type Modality } from "../../src/data/dataset.ts";
import { models } from "../../src/models/mod.ts";
import { monet } from "../../src/models/monet.ts";
import type { Listener } from "../../src/runs/mod.ts";
import { adam } from "../../src/train/adam.ts";
import { fit } from "../../src/train/fit.ts";
import { constant } from "../../src/train/schedule.ts";
import { gpuTest } from "../gpu.ts";
import { assertClose } from "../support.ts";
import { checkerboard, dataset, everyone, noise, trained, type World } from "./worlds.ts";

for (const [name, model] of Object.entries(models)) {
  gpuTest(`${name} has the losses on webgpu that it has on wasm, step by step, and then the scores`, async (gpu) => {
    const data = checkerboard(16);
    const history = histories(data, "train");
    const training = { sampler: "interaction", batch: 16, optimizer: "adam", lr: 0.01, decay: 1, epochs: 2 };
    const [expected, found] = await Promise.all([wasm(), gpu].map(async (device) => {
      const losses: number[] = [];
      const events: Listener = async (event) => {
        if (event.type === "step") losses.push(await event.loss());
      };
      const { score } = await trained(model, data, { device, training, events });
      return { losses, scores: await read(scope(() => score(everyone(history)))) };
    }));
    assertClose(found.losses, expected.losses, 1e-5);
    // Adam turns the smallest gradients, which are mostly rounding errors, into steps as long as all others.
    assertClose(found.scores, expected.scores, 1e-3);
  });
}

const [USERS, ITEMS, EACH, BATCH] = [8, 12, 3, 4];

/** MONET in training on a device, and the tensors of its inputs. */
function training(data: Dataset, dim: number, epochs: number, device: Device) {
  // In a scope, so that intermediate results of the context are freed.
  const context = scope(() => monet.prepare(data, configure(monet.settings, { dim }), { device }));
  const start = adam().start(monet.init(key(1), context));
  const steps = fit(start, (params, batch, key) => monet.loss(params, batch, context, key), {
    batches: SAMPLERS.user(histories(data, "train"), { batch: BATCH }),
    optimizer: adam(),
    rate: constant(1e-3),
    epochs,
    key: key(2),
  });
  return { context, start, steps };
}

/** Users with {@link EACH} items, and items with dense features of some columns, and with tags. */
function world(columns: number): World {
  const items = Array.from({ length: ITEMS }, (_, item) => item);
  const tags: Modality = {
    kind: "sparse",
    pattern: patternFromCoo([ITEMS, 3], items, items.map((item) => item % 3)),
    values: new Float32Array(ITEMS).fill(1),
    known: new Uint8Array(ITEMS).fill(1),
  };
  return {
    train: Array.from(
      { length: USERS },
      (_, user) => [...Array(EACH).keys()].map((n) => (user + 2 * n) % ITEMS).sort((a, b) => a - b),
    ),
    modalities: { image: noise(1, ITEMS, columns), tags },
    items: ITEMS,
  };
}

/** Trains for an epoch, and returns the bytes that each step copied to a GPU, after checking that none copied back. */
async function given(gpu: WebGpuDevice, columns: number, dim: number): Promise<ArrayLike<number>[][]> {
  const { steps } = training(dataset(world(columns)), dim, 1, gpu);
  const { upload, uploadIndices } = gpu;
  let step: ArrayLike<number>[] = [];
  const all: ArrayLike<number>[][] = [];
  const noting = <V extends ArrayLike<number>, R>(copy: (values: V) => R) => (values: V) => {
    step.push(values);
    return copy(values);
  };
  Object.assign(gpu, { upload: noting(upload), uploadIndices: noting(uploadIndices) });
  try {
    let before = gpu.traffic();
    for await (const _ of steps) {
      const after = gpu.traffic();
      assertEquals([after.readbacks, after.readBytes], [before.readbacks, before.readBytes]);
      const bytes = step.reduce((sum, { length }) => sum + 4 * length, 0);
      assertEquals([after.uploads - before.uploads, after.uploadedBytes - before.uploadedBytes], [step.length, bytes]);
      all.push(step);
      [before, step] = [after, []];
    }
  } finally {
    Object.assign(gpu, { upload, uploadIndices });
  }
  return all;
}

gpuTest(
  "monet in training copies nothing back from webgpu, and there only what says which rows a batch takes",
  async (gpu) => {
    const [narrow, wide] = [await given(gpu, 5, 2), await given(gpu, 500, 64)];
    assertEquals(wide.length, Math.floor(USERS * EACH / BATCH) + 1);
    // Features and parameters, or arrays of their size, are not copied.
    const lengths = (steps: ArrayLike<number>[][]) => steps.map((step) => step.map(({ length }) => length));
    assertEquals(lengths(wide), lengths(narrow));
    // Lists of the pairs of a batch or of their histories, and the offsets of each node in them.
    assert(Math.max(...lengths(wide).flat()) <= Math.max(2 * BATCH * EACH, USERS + ITEMS) + 1);
    // The graph and other fixed data are not copied again.
    assertEquals(new Set(wide.flat()).size, wide.flat().length);
  },
);

gpuTest("a loss that is shown is one number copied back from webgpu, when it is asked for", async (gpu) => {
  const { steps } = training(dataset(world(5)), 2, 1, gpu);
  const first = gpu.traffic();
  let shown = 0;
  for await (const { loss, step } of steps) {
    if (step % 2 === 0) continue;
    assert(Number.isFinite((await read(loss))[0]));
    shown++;
  }
  const { readbacks, readBytes } = gpu.traffic();
  assertEquals([readbacks - first.readbacks, readBytes - first.readBytes], [shown, 4 * shown]);
});

gpuTest("monet holds the same bytes on webgpu after each of 500 steps, and none once it is freed", async () => {
  // A private device: on a shared one, the garbage collector may free tensors of other tests at any time.
  const gpu = await webgpuDevice() as WebGpuDevice;
  const before = gpu.bytesUsed();
  const { context, start, steps } = training(
    dataset({ ...world(2), modalities: { image: noise(1, ITEMS, 2) } }),
    2,
    72,
    gpu,
  );
  const used: number[] = [];
  let last = start;
  for await (const { training } of steps) {
    used.push(gpu.bytesUsed());
    last = training;
  }
  assert(used.length >= 500, `${used.length} steps were taken`);
  assertEquals(new Set(used), new Set([used[0]]));
  for (const part of [last, start, context]) free(part);
  assertEquals(gpu.bytesUsed(), before);
});
