/**
 * Adam (Kingma and Ba, ICLR 2015), and AdamW (Loshchilov and Hutter, ICLR 2019).
 *
 * @module
 */
import { type Formula, formula } from "../../kernels/mod.ts";
import { type Tensor, zeros } from "../core/tensor.ts";
import { mapTree, type Tree } from "../core/tree.ts";
import { fused } from "../ops/elementwise.ts";
import type { Optimizer } from "./optimizer.ts";

/** The options of {@link adam}. */
export interface AdamOptions {
  /** β₁, the decay of the mean of gradients; 0.9 by default. */
  readonly beta1?: number | undefined;
  /** β₂, the decay of the mean of squared gradients; 0.999 by default. */
  readonly beta2?: number | undefined;
  /** ε, added to the root of the mean square; 10⁻⁸ by default. */
  readonly epsilon?: number | undefined;
}

/** The options of {@link adamw}. */
export interface AdamwOptions extends AdamOptions {
  /** λ, the share of each parameter, times the learning rate, that a step subtracts; 0.01 by default. */
  readonly weightDecay?: number | undefined;
}

/**
 * m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  p ← p − r m / (s √v + ε), with the corrections for bias in r and s.
 */
const updated = formula(
  "adam",
  ({ one, add, sub, mul, fma, div, sqrt }) => (p, m, v, g, beta1, beta2, r, s, epsilon) => {
    const first = fma(beta1, m, mul(sub(one, beta1), g));
    const second = fma(beta2, v, mul(sub(one, beta2), mul(g, g)));
    return [sub(p, div(mul(r, first), add(mul(s, sqrt(second)), epsilon))), first, second];
  },
  3,
);

/** The same with p ← k p − r m / (s √v + ε), k = 1 − rate · λ. */
const decayed = formula(
  "adamw",
  ({ one, add, sub, mul, fma, div, sqrt }) => (p, m, v, g, beta1, beta2, r, s, epsilon, k) => {
    const first = fma(beta1, m, mul(sub(one, beta1), g));
    const second = fma(beta2, v, mul(sub(one, beta2), mul(g, g)));
    return [sub(mul(k, p), div(mul(r, first), add(mul(s, sqrt(second)), epsilon))), first, second];
  },
  3,
);

/**
 * Returns the Adam optimizer with bias correction and without weight decay. It updates every element at every step,
 * also elements whose gradient is zero: the dense form of common libraries.
 *
 * @example The first step has the size of the learning rate
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { adam } from "@giverny/giverny/train";
 * import { ok } from "node:assert/strict";
 * const { start, update } = adam();
 * const { params } = update(start({ x: tensor(1) }), { x: tensor(0.5) }, 0.1);
 * ok(Math.abs(readSync(params.x)[0] - 0.9) < 1e-6);
 * ```
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return withMoments("adam", updated, options, () => []);
}

/**
 * Returns {@link adam} with decoupled weight decay: each step also subtracts rate · λ · p from every parameter p. The
 * decay is no part of the gradient, so its means do not scale it.
 *
 * @example A parameter without gradient decays
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { adamw } from "@giverny/giverny/train";
 * import { ok } from "node:assert/strict";
 * const { start, update } = adamw({ weightDecay: 0.5 });
 * const { params } = update(start({ x: tensor(1) }), { x: tensor(0) }, 0.1);
 * ok(Math.abs(readSync(params.x)[0] - 0.95) < 1e-6);
 * ```
 */
export function adamw(options: AdamwOptions = {}): Optimizer {
  const { weightDecay = 0.01 } = options;
  return withMoments("adamw", decayed, options, (rate) => [1 - rate * weightDecay]);
}

/** Returns an optimizer with means of gradients and of their squares; `further` gives more numbers of its formula. */
function withMoments(
  name: string,
  step: Formula,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
  further: (rate: number) => readonly number[],
): Optimizer {
  // Rounded to 32 bits as on the devices: otherwise 1 − β would differ between the bias correction and the means.
  const betas = [beta1, beta2].map(Math.fround);
  return {
    name,
    start: (params) => {
      const blank = () => mapTree((x) => zeros(x.shape, x.storage), params);
      return { params, memory: { first: blank(), second: blank() }, step: 0 };
    },
    update: ({ params, memory: { first, second }, step: taken }, gradient, rate) => {
      const [c1, c2] = betas.map((beta) => 1 - beta ** (taken + 1));
      const numbers = [...betas, rate / c1, 1 / Math.sqrt(c2), epsilon, ...further(rate)];
      const leaves: Tensor[][] = [];
      const move = (...xs: Tensor[]) => {
        leaves.push(fused(step, xs, numbers));
        return xs[0];
      };
      mapTree(move, params, first, second, gradient);
      const part = <P extends Tree>(tree: P, n: number): P => {
        let next = 0;
        return mapTree(() => leaves[next++][n], tree);
      };
      return {
        params: part(params, 0),
        memory: { first: part(params, 1), second: part(params, 2) },
        step: taken + 1,
      };
    },
  };
}
