/** Tests of formulas that models compute in one pass over memory. @module */
import { type Formula, interpret, numbers } from "../../kernels/scalar.ts";
import * as formulas from "../../src/models/formulas.ts";
import { assertClose } from "../support.ts";

const sigma = (x: number): number => 1 / (1 + Math.exp(-x));
const [x, y, z, u, v, w] = [0.7, -1.3, 0.4, 1.9, -0.6, 0.25];

/** Each formula with the value that it should have at these numbers. */
const VALUES: Readonly<Record<keyof typeof formulas, readonly [values: readonly number[], expected: number]>> = {
  gated: [[x, y, z], x * sigma(y + z)],
  weighed: [[x, y, z], z * Math.tanh(x + y)],
  shareAdded: [[x, y, z], x + y * z],
  ownAdded: [[x, y, z, u, v, w], w * (x + sigma(y + z) * (u - v))],
  deviation: [[x, y], (x - y) ** 2],
  noisy: [[y, x, w], y - w * x],
  hiddenOf: [[x, y, z], Math.tanh(x * y + z)],
  hiddenOfAll: [[x, y, z, u], Math.tanh((x + u) * y + z)],
  logit: [[x, u, y], Math.max(0, x * u + y)],
  power: [[x, u], Math.exp(x - u)],
  weighedSquare: [[x, u, y, z], (Math.exp(x - u) * (y - z)) ** 2],
  nearness: [[x, u, v], -v * x / u ** 2],
  distance: [[x, y, z], Math.abs(x + y - z)],
  size: [[x, y], Math.abs(x + y)],
};

for (const [name, [values, expected]] of Object.entries(VALUES)) {
  Deno.test(`${name} has the value that its comment states`, () => {
    assertClose(interpret(numbers, formulas[name as keyof typeof formulas] as Formula, values), [expected], 1e-6);
  });
}
