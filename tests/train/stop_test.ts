/** Tests of evaluation, early stopping, and losses that are not numbers. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { fc } from "../fc.ts";
import { readSync, type Scalar, tensor } from "../../src/core/tensor.ts";
import { endsEpoch, pipe, type Stage, type Step } from "../../src/train/fit.ts";
import { evaluateEvery, refuseNaN, stopEarly } from "../../src/train/stop.ts";

type Params = { readonly x: Scalar };
type Steps = Step<Params, number>;

const STEPS = 2;

/** Returns a stream of steps with the given losses, and a function that says whether its consumer has left it. */
function stream(losses: readonly number[]): { steps: AsyncIterable<Steps>; ended: () => boolean } {
  let over = false;
  async function* steps(): AsyncGenerator<Steps> {
    try {
      for (const [n, loss] of losses.entries()) {
        yield {
          epoch: Math.floor(n / STEPS),
          step: n % STEPS,
          steps: STEPS,
          epochs: losses.length / STEPS,
          rate: 1,
          loss: tensor(loss),
          training: { params: { x: tensor(n) }, memory: {}, step: n + 1 },
          evaluation: null,
          improved: false,
        };
      }
    } finally {
      over = true;
    }
  }
  return { steps: steps(), ended: () => over };
}

const epochs = (count: number) => stream(new Array(count * STEPS).fill(0)).steps;

/** Returns the stage that evaluates to the next of these scores at the end of every epoch. */
function scored(scores: readonly number[]): Stage<Params, number> {
  const rest = scores.values();
  return evaluateEvery(1, () => Promise.resolve(rest.next().value!));
}

for (const every of [1, 2, 5]) {
  Deno.test(`evaluateEvery(${every}) evaluates after epochs 0, ${every}, ${2 * every}, …, and the last`, async () => {
    const seen: number[] = [];
    const evaluate = ({ x }: Params) => Promise.resolve(readSync(x)[0]);
    for await (const step of pipe(epochs(12), evaluateEvery(every, evaluate))) {
      if (step.evaluation === null) continue;
      assert(endsEpoch(step));
      assertEquals(step.evaluation, step.training.step - 1, "the parameters of this very step are evaluated");
      seen.push(step.epoch);
    }
    assertEquals(seen, [...Array(12).keys()].filter((epoch) => epoch % every === 0 || epoch === 11));
  });
}

Deno.test("evaluateEvery() passes all other steps through", async () => {
  const passed = await Array.fromAsync(pipe(epochs(4), evaluateEvery(2, () => Promise.resolve(7))));
  assertEquals(passed.map(({ epoch, step }) => [epoch, step]), [0, 1, 2, 3].flatMap((e) => [[e, 0], [e, 1]]));
  assertEquals(passed.map(({ evaluation }) => evaluation), [null, 7, null, null, null, 7, null, 7]);
});

Deno.test("stopEarly() ends at the evaluation after `patience` others without improvement", async () => {
  const cases: [patience: number, scores: number[], seen: number][] = [
    [0, [1, 2, 2, 3], 3],
    [1, [1, 0, 0, 5], 3],
    [2, [3, 1, 2, 3, 9], 4],
    [2, [3, 1, 2, 4, 1, 1, 1, 9], 7],
    [10, [1, 0, 0, 0], 4],
  ];
  for (const [patience, scores, expected] of cases) {
    const { steps, ended } = stream(new Array(scores.length * STEPS).fill(0));
    const passed = await Array.fromAsync(
      pipe(steps, scored(scores), stopEarly(patience, { score: (s) => s })),
    );
    assertEquals(passed.filter(({ evaluation }) => evaluation !== null).length, expected, `patience ${patience}`);
    assert(ended());
  }
});

const scoreLists = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 25 });

Deno.test("stopEarly() marks every evaluation that is better than all before", async () => {
  await fc.assert(fc.asyncProperty(scoreLists, fc.nat(4), async (scores, patience) => {
    const stage = stopEarly<Params, number>(patience, { score: (s) => s });
    const passed = await Array.fromAsync(pipe(epochs(scores.length), scored(scores), stage));
    const marks = passed.filter(({ evaluation }) => evaluation !== null).map(({ improved }) => improved);
    const records = scores.map((s, n) => scores.slice(0, n).every((before) => before < s));
    assertEquals(marks, records.slice(0, marks.length));
    const end = records.findIndex((_, n) => n >= patience && records.slice(n - patience, n + 1).every((r) => !r));
    assertEquals(marks.length, end < 0 ? scores.length : end + 1);
    assert(passed.every(({ evaluation, improved }) => evaluation !== null || !improved));
  }));
});

Deno.test("stopEarly() of a resumed training continues from its best score and its count", async () => {
  await fc.assert(fc.asyncProperty(scoreLists, scoreLists, fc.nat(4), async (before, after, patience) => {
    const marksOf = async (scores: number[], options: { best?: number; waited?: number } = {}) => {
      const stage = stopEarly<Params, number>(patience, { score: (s) => s, ...options });
      const passed = await Array.fromAsync(pipe(epochs(scores.length), scored(scores), stage));
      return passed.filter(({ evaluation }) => evaluation !== null).map(({ improved }) => improved);
    };
    const whole = await marksOf([...before, ...after]);
    fc.pre(whole.length > before.length);
    const waited = before.length - 1 - whole.slice(0, before.length).lastIndexOf(true);
    assertEquals(await marksOf(after, { best: Math.max(...before), waited }), whole.slice(before.length));
  }));
});

Deno.test("stopEarly() judges an evaluation of any type by its score", async () => {
  const evaluate = ({ x }: Params) => Promise.resolve({ recall: -readSync(x)[0] });
  const source = epochs(9) as AsyncIterable<Step<Params, never>>;
  const passed = await Array.fromAsync(
    pipe(source, evaluateEvery(1, evaluate), stopEarly(1, { score: ({ recall }) => recall })),
  );
  assertEquals(passed.at(-1)!.epoch, 2);
});

for (const loss of [NaN, Infinity]) {
  Deno.test(`refuseNaN() refuses a loss of ${loss} at the end of its epoch, and frees the training`, async () => {
    const passed: Steps[] = [];
    let refused: Steps | undefined;
    const watch: Stage<Params, number> = async function* (steps) {
      for await (const step of steps) yield refused = step;
    };
    const { steps, ended } = stream([1, 1, loss, 1, 1, loss, 1, 1]);
    await assertRejects(
      async () => {
        for await (const step of pipe(steps, watch, refuseNaN())) passed.push(step);
      },
      ValueError,
      "Cannot continue training: the loss is not a number after epoch 3; lower the learning rate",
    );
    assertEquals(passed.length, 5);
    assert(refused!.training.params.x.storage.freed);
    assert(!passed.at(-1)!.training.params.x.storage.freed);
    assert(ended());
  });
}

Deno.test("refuseNaN() passes steps whose losses are numbers", async () => {
  const { steps } = stream([1e30, -1, 0, 5]);
  assertEquals((await Array.fromAsync(pipe(steps, refuseNaN()))).length, 4);
});

Deno.test("refuseNaN() refuses a loss that rose more than 10,000 times, and from more than 1", async () => {
  const drained = (losses: number[]) => Array.fromAsync(pipe(stream(losses).steps, refuseNaN()));
  // Only the first step and the ends of epochs are looked at.
  assertEquals((await drained([0.5, 1, 20_000, 1])).length, 4);
  await assertRejects(
    () => drained([0.5, 20_000]),
    ValueError,
    "the loss rose from 0.500 to 2.00e+4 by the end of epoch 1; lower the learning rate",
  );
  assertEquals((await drained([1e-9, 9_999])).length, 2);
});

Deno.test("refuseNaN() blames the features if the loss of the first step is not a number", async () => {
  await assertRejects(
    () => Array.fromAsync(pipe(stream([NaN, NaN]).steps, refuseNaN())),
    ValueError,
    "look for very large numbers in the features",
  );
});
