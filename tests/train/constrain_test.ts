/** Tests of optimizers with a constraint. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { key } from "../../src/core/random.ts";
import { type Matrix, readSync } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { maximum, normal, scale } from "../../src/ops/mod.ts";
import { adam } from "../../src/train/adam.ts";
import { constrained } from "../../src/train/constrain.ts";
import { sgd } from "../../src/train/sgd.ts";
import { seeds } from "../support.ts";

type Params = { readonly x: Matrix; readonly y: Matrix };

const atLeast = ({ x, y }: Params): Params => ({ x: maximum(x, scale(x, 0)), y });
const drawn = (seed: number): Params => ({ x: normal(key(seed), [2, 3]), y: normal(key(seed + 1), [1, 2]) });
const bitsOf = (params: Params) => leaves(params).map(([, leaf]) => [...readSync(leaf)]);

Deno.test("constrained() applies the constraint after each step, and does not change the memory", () => {
  fc.assert(fc.property(seeds, fc.constantFrom(adam(), sgd()), (seed, optimizer) => {
    const bound = constrained(optimizer, atLeast);
    assertEquals(bound.name, optimizer.name);
    let training = bound.start(drawn(seed));
    assertEquals(bitsOf(training.params), bitsOf(drawn(seed)));
    for (let step = 0; step < 3; step++) {
      const free = optimizer.update(training, drawn(seed + 2 + step), 0.7);
      training = bound.update(training, drawn(seed + 2 + step), 0.7);
      assert(readSync(training.params.x).every((x) => x >= 0));
      assertEquals(bitsOf(training.params), bitsOf(atLeast(free.params)));
      const memories = [training, free].map(({ memory }) => Object.values(memory).map(bitsOf));
      assertEquals(memories[0], memories[1]);
      assertEquals(training.step, free.step);
    }
  }));
});
