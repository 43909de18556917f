/**
 * Gradients of a function, of a gradient, and of a tree of parameters, and the check of a gradient.
 *
 * Run it with `deno run -A examples/02_gradients.ts`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  checkGradient,
  grad,
  key,
  print,
  readSync,
  type Scalar,
  scope,
  split,
  tensor,
  valueAndGrad,
  type Vector,
} from "../src/core/mod.ts";
import { exp, linear, mean, mul, normal, square, sub, sum, tanh } from "../src/ops/mod.ts";
import { adam } from "../src/train/mod.ts";

// grad takes a function and returns the function that is its gradient.
const cube = (x: Vector): Scalar => sum(mul(x, mul(x, x)));
console.log("3x² at 1, 2, 3:", await print(grad(cube)(tensor([1, 2, 3])), { digits: 0 }));

// A gradient can be differentiated again: the gradient of |∇f|² needs second derivatives.
const steepness = (x: Vector): Scalar => sum(square(grad(cube)(x)));
console.log("its steepness changes by", await print(grad(steepness)(tensor([1])), { digits: 0 }));

// Parameters are trees: plain objects and arrays with tensors at the leaves. A gradient is a tree of the same shape.
const [forHidden, forOut, forInput] = split(key(1), 3);
const start = {
  hidden: { weight: normal(forHidden, [16, 1]), bias: tensor(Array(16).fill(0)) },
  out: { weight: normal(forOut, [1, 16], { deviation: 0.2 }), bias: tensor([0]) },
};
const x = normal(forInput, [200, 1]);
const y = exp(mul(x, tanh(x)));
const loss = (p: typeof start): Scalar => {
  const hidden = tanh(linear(x, p.hidden.weight, p.hidden.bias));
  return mean(square(sub(linear(hidden, p.out.weight, p.out.bias), y)));
};

// An optimizer is a pair of pure functions. Each step runs in a scope, so memory stays constant.
const optimizer = adam();
let training = optimizer.start(start);
for (let step = 0; step < 300; step++) {
  training = scope(() => optimizer.update(training, grad(loss)(training.params), 0.03));
}
const [before] = valueAndGrad(loss)(start);
const [after] = valueAndGrad(loss)(training.params);
console.log(`fitting a curve: loss ${readSync(before)[0].toFixed(3)} → ${readSync(after)[0].toFixed(3)}`);

// checkGradient compares a gradient with finite differences of its function.
console.log(
  "largest difference from finite differences:",
  (await checkGradient(loss, training.params)).toExponential(0),
);
