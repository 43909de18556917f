/** Tests of Adam against its formulas in 64-bit numbers. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { foldIn, key, normalArray } from "../../src/core/random.ts";
import { type Shape, sizeOf } from "../../src/core/shape.ts";
import { fromArray, type Placement, read, readSync, tensor, zeros } from "../../src/core/tensor.ts";
import { leaves, mapTree, type Tree } from "../../src/core/tree.ts";
import { adam, type AdamOptions, adamw, type AdamwOptions } from "../../src/train/adam.ts";
import { assertClose, devices, runsOn } from "../support.ts";

const SHAPES: Readonly<Record<string, Shape>> = { scalar: [], none: [0], few: [3], one: [1, 1], more: [3, 5] };

/** The structure of a tree of tensors: its leaves are shapes. */
type Plan = string | readonly Plan[] | { readonly [name: string]: Plan };

const { plans } = fc.letrec<{ plans: Plan }>((tie) => ({
  plans: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(...Object.keys(SHAPES)),
    fc.array(tie("plans"), { minLength: 1, maxLength: 3 }),
    fc.dictionary(fc.string(), tie("plans"), { minKeys: 1, maxKeys: 3 }),
  ),
}));

/** Returns the tree of zeros that a plan describes. */
function planted(plan: Plan, place: Placement): Tree {
  if (typeof plan === "string") return zeros(SHAPES[plan], place);
  if (Array.isArray(plan)) return plan.map((part) => planted(part, place));
  return Object.fromEntries(Object.entries(plan).map(([name, part]) => [name, planted(part, place)]));
}

const numbersOf = async (tree: Tree): Promise<number[]> =>
  (await Promise.all(leaves(tree).map(([, leaf]) => read(leaf)))).flatMap((numbers) => [...numbers]);

/** Returns a tree like another, of normal numbers times `size`. */
function normalLike<P extends Tree>(tree: P, seed: number, size = 1): P {
  let leaf = 0;
  return mapTree((x) => {
    const drawn = normalArray(foldIn(key(seed), leaf++), sizeOf(x.shape));
    return fromArray(drawn.map((g) => g * size), x.shape, x.storage);
  }, tree);
}

/** Adam as in its paper, for one parameter; with `weightDecay` AdamW. */
function plainly(
  p: number,
  gradients: readonly number[],
  rate: number,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamwOptions,
): number {
  let [m, v] = [0, 0];
  gradients.forEach((g, t) => {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    p -= rate * weightDecay * p;
    p -= rate * (m / (1 - beta1 ** (t + 1))) / (Math.sqrt(v / (1 - beta2 ** (t + 1))) + epsilon);
  });
  return p;
}

for (const device of devices) {
  Deno.test(`adam() takes fifty steps as the formulas in 64 bits do, on ${device.name}`, async () => {
    const options = fc.record<AdamOptions>({
      beta1: fc.constantFrom(0, 0.5, 0.9, 0.99),
      beta2: fc.constantFrom(0.5, 0.9, 0.999, 0.99999),
      epsilon: fc.constantFrom(1e-8, 1e-3, 1),
    }, { requiredKeys: [] });
    const sizes = fc.constantFrom(1e-3, 1, 1e3);
    await fc.assert(
      fc.asyncProperty(plans, options, fc.constantFrom(1e-3, 0.05), sizes, async (plan, options, rate, size) => {
        const { start, update } = adam(options);
        let training = start(normalLike(planted(plan, { device }), 50));
        const before = await numbersOf(training.params);
        const reading: Promise<number[]>[] = [];
        for (let step = 0; step < 50; step++) {
          const gradient = normalLike(training.params, step, size);
          reading.push(numbersOf(gradient));
          training = update(training, gradient, rate);
        }
        const gradients = await Promise.all(reading);
        const expected = before.map((p, i) => plainly(p, gradients.map((g) => g[i]), rate, options));
        assertClose(await numbersOf(training.params), expected, 1e-5);
        assertEquals(training.step, 50);
      }),
      runsOn(device, 30),
    );
  });
}

Deno.test("adam() takes a first step of the size of the rate, for every gradient and every β", () => {
  const gradient = tensor([1e-3, -1, 50, -1e4]);
  for (const beta1 of [0, 0.9, 0.999]) {
    for (const beta2 of [0, 0.99, 0.999, 0.99999]) {
      const { start, update } = adam({ beta1, beta2, epsilon: 1e-12 });
      const { params } = update(start(tensor([0, 0, 0, 0])), gradient, 0.25);
      assertClose(readSync(params), [-0.25, 0.25, -0.25, 0.25], 2e-6);
    }
  }
});

Deno.test("adam() updates elements whose gradient is zero by their means", () => {
  const { start, update } = adam();
  const rate = 0.1;
  const first = update(start(tensor([0, 0])), tensor([1, 0]), rate);
  const second = update(first, tensor([0, 0]), rate);
  assertClose(readSync(second.params), [plainly(0, [1, 0], rate, {}), 0]);
});

Deno.test("adam() does not change a training, and repeats its bits", async () => {
  const { start, update } = adam();
  const training = update(start({ x: tensor([1, 2]), y: [tensor(3)] }), { x: tensor([3, 4]), y: [tensor(5)] }, 0.1);
  const gradient = { x: tensor([-1, 1]), y: [tensor(7)] };
  const seen = () => numbersOf([training.params, training.memory, gradient]);
  const before = await seen();
  const next = update(training, gradient, 0.1);
  assertEquals(await seen(), before);
  assertEquals(training.step, 1);
  const again = update(training, gradient, 0.1);
  assertEquals(await numbersOf([again.params, again.memory]), await numbersOf([next.params, next.memory]));
});

Deno.test("adam() updates two parameters that start as one tensor by their own gradients", async () => {
  const { start, update } = adam();
  const zero = tensor([0]);
  const { params } = update(start({ a: zero, b: zero }), { a: tensor([1]), b: tensor([-1]) }, 0.1);
  assertClose(await numbersOf(params), [-0.1, 0.1]);
});

Deno.test("adamw() takes thirty steps as the formulas in 64 bits do", async () => {
  for (const device of devices) {
    for (const weightDecay of [0, 0.01, 2]) {
      const { start, update } = adamw({ weightDecay });
      let training = start({ x: fromArray([1, -2, 3], [3], { device }) });
      const gradients = Array.from({ length: 30 }, (_, step) => normalLike(training.params, step));
      for (const gradient of gradients) training = update(training, gradient, 0.05);
      const seen = await Promise.all(gradients.map(numbersOf));
      const expected = [1, -2, 3].map((p, i) => plainly(p, seen.map((g) => g[i]), 0.05, { weightDecay }));
      assertClose(await numbersOf(training.params), expected, 1e-5);
    }
  }
});

Deno.test("adamw() without decay is adam(), and its decay does not change the means", async () => {
  const [start, gradient] = [{ x: tensor([1, 2]) }, { x: tensor([3, -4]) }];
  const [plain, still, decayed] = [adam(), adamw({ weightDecay: 0 }), adamw({ weightDecay: 0.5 })].map((by) => {
    const first = by.update(by.start(start), gradient, 0.1);
    return by.update(first, gradient, 0.1);
  });
  assertEquals(await numbersOf(still.params), await numbersOf(plain.params));
  assertEquals(await numbersOf([decayed.memory]), await numbersOf([plain.memory]));
});
