/** Tests of training as a stream: order, repetition, resumption, memory, and the types of stages. @module */
import { KindError, ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { foldIn, type Key, key, normalArray } from "../../src/core/random.ts";
import {
  fromArray,
  type Matrix,
  type Placement,
  readSync,
  type Scalar,
  type Vector,
  zeros,
} from "../../src/core/tensor.ts";
import { leaves, type Tree } from "../../src/core/tree.ts";
import { add, addRow, dropout, matmul, mean, shift, square, sub } from "../../src/ops/mod.ts";
import { adam } from "../../src/train/adam.ts";
import { endsEpoch, fit, type FitOptions, pipe, type Stage, type Step } from "../../src/train/fit.ts";
import type { Training } from "../../src/train/optimizer.ts";
import { constant, exponential } from "../../src/train/schedule.ts";
import { evaluateEvery, refuseNaN, stopEarly } from "../../src/train/stop.ts";

type Params = { readonly w: Matrix; readonly b: Vector };

const schedule = exponential(0.1, { factor: 0.5, every: 2 });
const options: FitOptions<Float32Array> = {
  batches: { steps: 3, batch: (epoch, step) => normalArray(foldIn(epoch, step), 20) },
  optimizer: adam(),
  rate: schedule,
  epochs: 4,
  key: key(7),
};

function start(place: Placement = {}): Training<Params> {
  return options.optimizer.start({ w: zeros([4, 2], place), b: zeros([2], place) });
}

/** A regression with dropout on random rows: both keys of a step matter. */
function loss({ w, b }: Params, rows: Float32Array, noise: Key): Scalar {
  const x = dropout(noise, fromArray(rows, [5, 4], w.storage), 0.3);
  return mean(square(shift(addRow(matmul(x, w), b), -1)));
}

const bitsOf = (tree: Tree): number[][] => leaves(tree).map(([, leaf]) => [...readSync(leaf)]);

/** Returns the bits of the last training of a stream, and all its losses. */
async function run(steps: AsyncIterable<Step<Params>>): Promise<{ losses: number[]; state: number[][]; step: number }> {
  let last = { losses: [] as number[], state: [] as number[][], step: -1 };
  for await (const { training: { params, memory, step }, loss } of steps) {
    last = { losses: [...last.losses, readSync(loss)[0]], state: bitsOf({ params, memory }), step };
  }
  return last;
}

Deno.test("fit() yields every step of every epoch, with the rate of its epoch", async () => {
  const seen: number[][] = [];
  for await (const { epoch, step, steps, rate, training, evaluation, improved } of fit(start(), loss, options)) {
    assertEquals([steps, evaluation, improved], [3, null, false]);
    assertEquals(rate, schedule(epoch));
    assertEquals(training.step, seen.length + 1);
    seen.push([epoch, step]);
  }
  assertEquals(seen, [0, 1, 2, 3].flatMap((epoch) => [0, 1, 2].map((step) => [epoch, step])));
});

Deno.test("fit() asks a schedule for the rate of each step, with the share of the epoch before it", async () => {
  const asked: number[][] = [];
  const rate = (epoch: number, share = NaN) => {
    asked.push([epoch, share]);
    return 0.1 * (epoch + share);
  };
  const found: number[] = [];
  for await (const step of fit(start(), loss, { ...options, epochs: 2, rate })) found.push(step.rate);
  assertEquals(asked, [[0, 0], [0, 1 / 3], [0, 2 / 3], [1, 0], [1, 1 / 3], [1, 2 / 3]]);
  assertEquals(found, asked.map(([epoch, share]) => 0.1 * (epoch + share)));
});

Deno.test("fit() takes each step as the optimizer does by the gradient of its batch", async () => {
  const asked: { drawing: Key; step: number; noise: Key }[] = [];
  const batches = { steps: 3, batch: (drawing: Key, step: number) => ({ drawing, step }) };
  const drawn = (params: Params, { drawing, step }: { drawing: Key; step: number }, noise: Key) =>
    loss(params, options.batches.batch(drawing, step), noise);
  const steps = fit(start(), (params, batch, noise) => {
    asked.push({ ...batch, noise });
    return drawn(params, batch, noise);
  }, { ...options, batches });
  let expected = start();
  for await (const { training, epoch, loss: value } of steps) {
    const { noise, ...batch } = asked.at(-1)!;
    const [found, gradient] = valueAndGrad((params: Params) => drawn(params, batch, noise))(expected.params);
    expected = options.optimizer.update(expected, gradient, schedule(epoch));
    assertEquals([readSync(value), bitsOf(training.params)], [readSync(found), bitsOf(expected.params)]);
  }
  assertEquals(asked.map(({ step }) => step), [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
  asked.forEach(({ drawing }, n) => assertEquals(drawing, asked[n - n % 3].drawing));
  const used = asked.flatMap(({ drawing, step, noise }) => step === 0 ? [drawing, noise] : [noise]);
  assertEquals(new Set(used.map(({ high, low }) => `${high} ${low}`)).size, used.length, "every key serves once");
});

Deno.test("fit() lowers the loss", async () => {
  const { losses } = await run(fit(start(), loss, { ...options, epochs: 40, rate: constant(0.05) }));
  const meanOf = (part: number[]) => part.reduce((sum, x) => sum + x, 0) / part.length;
  assert(meanOf(losses.slice(-12)) < 0.6 * meanOf(losses.slice(0, 3)), `${losses}`);
});

Deno.test("fit() gives the same bits for the same key, others for another", async () => {
  const first = await run(fit(start(), loss, options));
  assertEquals(await run(fit(start(), loss, options)), first);
  const other = await run(fit(start(), loss, { ...options, key: key(8) }));
  assertNotEquals(other.losses, first.losses);
});

Deno.test("fit() from a later epoch continues a training bit for bit", async () => {
  const whole = await run(fit(start(), loss, options));
  for (const stop of [0, 1, 3, 4]) {
    let reached = start();
    const before: number[] = [];
    for await (const { training, loss: value } of fit(reached, loss, { ...options, epochs: stop })) {
      reached = training;
      before.push(readSync(value)[0]);
    }
    const after = await run(fit(reached, loss, { ...options, from: stop }));
    assertEquals([...before, ...after.losses], whole.losses);
    if (stop < 4) assertEquals([after.state, after.step], [whole.state, whole.step]);
  }
});

Deno.test("fit() does not free the start, and frees each later training when the next exists", async () => {
  const given = start();
  const before = bitsOf({ params: given.params, memory: given.memory });
  const passed: { training: Training<Params>; loss: Scalar }[] = [];
  const freed = (tree: Tree) => leaves(tree).map(([, leaf]) => leaf.storage.freed);
  for await (const { training, loss: value } of fit(given, loss, options)) {
    const previous = passed.at(-1);
    if (previous) {
      const { params, memory } = previous.training;
      assert(freed([params, memory, previous.loss]).every(Boolean));
    }
    assert(!freed([training.params, training.memory, value]).some(Boolean));
    passed.push({ training, loss: value });
  }
  assertEquals(bitsOf({ params: given.params, memory: given.memory }), before);
  const { params, memory } = passed.at(-1)!.training;
  assert(!freed([params, memory]).some(Boolean));
});

Deno.test("fit() needs no more memory after 200 steps than after 50", async () => {
  const device = wasmDevice();
  const used: number[] = [];
  for await (const { training } of fit(start({ device }), loss, { ...options, epochs: 70 })) {
    if (training.step === 50 || training.step === 200) used.push(device.bytesUsed());
  }
  assertEquals(used.length, 2);
  assertEquals(used[0], used[1]);
});

/** A loss that pulls the parameters towards a matrix computed before the epoch. */
function pulled(params: Params, rows: Float32Array, noise: Key, made?: { readonly anchor: Matrix }): Scalar {
  return add(loss(params, rows, noise), mean(square(sub(params.w, made!.anchor))));
}

const refresh = ({ w }: Params) => Promise.resolve({ anchor: shift(w, 0.5) });

Deno.test("fit() calls refresh before each epoch, and frees its result after the epoch", async () => {
  const made: { anchor: Matrix }[] = [];
  const steps = fit(start(), pulled, {
    ...options,
    refresh: async (params: Params) => {
      made.push(await refresh(params));
      return made.at(-1)!;
    },
  });
  let before: number[] = [...readSync(start().params.w)];
  let taken = 0;
  for await (const step of steps) {
    assertEquals(made.length, step.epoch + 1);
    assertEquals(made.map(({ anchor }) => anchor.storage.freed), made.map((_, n) => n < step.epoch));
    if (step.step === 0) {
      assertEquals([...readSync(made[step.epoch].anchor)], before.map((x) => Math.fround(x + 0.5)));
    }
    before = [...readSync(step.training.params.w)];
    taken++;
  }
  assert(made.every(({ anchor }) => anchor.storage.freed));
  assertEquals(taken, 12);
});

Deno.test("fit() frees the result of refresh when its consumer leaves", async () => {
  const made: Matrix[] = [];
  const keeping = async (params: Params) => {
    const { anchor } = await refresh(params);
    made.push(anchor);
    return { anchor };
  };
  for await (const _ of fit(start(), pulled, { ...options, refresh: keeping })) break;
  assertEquals(made.map(({ storage }) => storage.freed), [true]);
});

Deno.test("fit() with refresh continues a training bit for bit, and holds no more bytes", async () => {
  const whole = await run(fit(start(), pulled, { ...options, refresh }));
  let reached = start();
  for await (const { training } of fit(reached, pulled, { ...options, refresh, epochs: 2 })) reached = training;
  assertEquals((await run(fit(reached, pulled, { ...options, refresh, from: 2 }))).state, whole.state);
  const device = wasmDevice();
  const used: number[] = [];
  for await (const _ of fit(start({ device }), pulled, { ...options, refresh, epochs: 20 })) {
    used.push(device.bytesUsed());
  }
  assertEquals(new Set(used.slice(3)), new Set([used[3]]));
});

Deno.test("fit() stops when its consumer leaves, and the last training can be read", async () => {
  const asked: number[] = [];
  const batches = {
    steps: 3,
    batch: (epoch: Key, step: number) => {
      asked.push(step);
      return options.batches.batch(epoch, step);
    },
  };
  let last = start();
  for await (const { training } of fit(last, loss, { ...options, batches })) {
    last = training;
    if (training.step === 4) break;
  }
  assertEquals(asked, [0, 1, 2, 0]);
  const straight = await run(fit(start(), loss, { ...options, epochs: 1 }));
  assertNotEquals(bitsOf(last.params), straight.state);
  assert(bitsOf({ params: last.params, memory: last.memory }).flat().every(Number.isFinite));
});

Deno.test("fit() takes no step if there is no epoch left", async () => {
  assertEquals((await run(fit(start(), loss, { ...options, epochs: 0 }))).losses, []);
  assertEquals((await run(fit(start(), loss, { ...options, from: 4 }))).losses, []);
});

Deno.test("fit() frees the tensors of a step whose loss throws", async () => {
  const device = wasmDevice();
  const given = start({ device });
  const before = device.bytesUsed();
  await assertRejects(
    () => run(fit(given, ({ w }, rows) => matmul(fromArray(rows, [4, 5], w.storage), w) as Tree as Scalar, options)),
    ValueError,
  );
  assertEquals(device.bytesUsed(), before);
});

Deno.test("pipe() passes every step through the stages from left to right", async () => {
  const trace: string[] = [];
  const stage = (name: string): Stage<Params> =>
    async function* (steps) {
      for await (const step of steps) {
        trace.push(`${name}${step.training.step}`);
        yield step;
      }
    };
  await run(pipe(fit(start(), loss, { ...options, epochs: 1 }), stage("a"), stage("b")));
  assertEquals(trace, ["a1", "b1", "a2", "b2", "a3", "b3"]);
});

Deno.test("pipe() without stages is the source, and leaving it ends the source", async () => {
  assertEquals(await run(pipe(fit(start(), loss, options))), await run(fit(start(), loss, options)));
  let ended = false;
  async function* source() {
    try {
      yield* fit(start(), loss, options);
    } finally {
      ended = true;
    }
  }
  const unchanged: Stage<Params> = async function* (steps) {
    yield* steps;
  };
  for await (const _ of pipe(source(), unchanged, unchanged)) break;
  assert(ended);
});

Deno.test("endsEpoch() holds for the last step of an epoch only", () => {
  assertEquals([0, 1, 2].map((step) => endsEpoch({ step, steps: 3 })), [false, false, true]);
});

Deno.test("fit() gives each refresh the epoch and a key of its own, the same in a resumed training", async () => {
  const seen: { key: Key; epoch: number }[] = [];
  const keeping = (params: Params, at: { key: Key; epoch: number }) => {
    seen.push(at);
    return refresh(params);
  };
  await run(fit(start(), pulled, { ...options, refresh: keeping }));
  const whole = seen.splice(0);
  assertEquals(whole.map(({ epoch }) => epoch), [...Array(options.epochs).keys()]);
  assertEquals(new Set(whole.map(({ key }) => `${key.high} ${key.low}`)).size, options.epochs);
  await run(fit(start(), pulled, { ...options, refresh: keeping, from: 2 }));
  assertEquals(seen, whole.slice(2));
});

Deno.test("fit() accepts a number as its rate, which is constant", async () => {
  const byNumber = await run(fit(start(), loss, { ...options, rate: 0.05 }));
  assertEquals(byNumber, await run(fit(start(), loss, { ...options, rate: constant(0.05) })));
});

Deno.test("fit() refuses a number in place of a key", async () => {
  await assertRejects(
    () => run(fit(start(), loss, { ...options, key: 7 as never })),
    KindError,
    "Cannot call fit() with 7 as its key: write key(7)",
  );
});

Deno.test("pipe() infers the types of its stages from the source", async () => {
  const evaluate = ({ w }: Params) => Promise.resolve({ size: readSync(w)[0] ** 2 });
  const one: AsyncIterable<Step<Params, never>> = pipe(fit(start(), loss, options), refuseNaN());
  const two: AsyncIterable<Step<Params, { size: number }>> = pipe(one, evaluateEvery(1, evaluate));
  const whole = pipe(
    fit(start(), loss, options),
    refuseNaN(),
    evaluateEvery(1, async ({ w, b }) => ({ size: readSync(w)[0] ** 2, length: b.shape[0], later: await null })),
    stopEarly(5, { score: ({ size, length }) => size + length }),
    refuseNaN(),
  );
  for await (const { evaluation, training } of whole) {
    const length: number | undefined = evaluation?.length;
    assertEquals(length ?? 2, training.params.b.shape[0]);
  }
  for await (const { evaluation } of two) assertEquals(typeof (evaluation?.size ?? 0), "number");
  // @ts-expect-error: the evaluation has no such property
  pipe(fit(start(), loss, options), evaluateEvery(1, evaluate), stopEarly(5, { score: ({ recall }) => recall }));
});
