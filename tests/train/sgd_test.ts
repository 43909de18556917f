/** Tests of stochastic gradient descent. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { fromArray, readSync, tensor } from "../../src/core/tensor.ts";
import { sgd } from "../../src/train/sgd.ts";
import { assertClose, numbers, seeds } from "../support.ts";

Deno.test("sgd() takes a step of the rate along the negative gradient, and does not change its operands", () => {
  fc.assert(fc.property(seeds, fc.nat(40), fc.constantFrom(0, 1e-3, 0.5, 10), (seed, count, rate) => {
    const [p, g] = [numbers(seed, count), numbers(seed + 1, count)];
    const { start, update } = sgd();
    const training = start({ p: fromArray(p, [count]) });
    const gradient = { p: fromArray(g, [count]) };
    const next = update(training, gradient, rate);
    assertClose(readSync(next.params.p), p.map((x, i) => x - rate * g[i]));
    assertEquals([readSync(training.params.p), readSync(gradient.p)], [p, g]);
  }));
});

Deno.test("sgd() keeps the number of steps only", () => {
  const { start, update } = sgd();
  const { memory, step } = update(update(start(tensor(1)), tensor(1), 1), tensor(1), 1);
  assertEquals([memory, step], [{}, 2]);
});
