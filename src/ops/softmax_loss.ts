/**
 * The softmax loss of positives against sampled negatives, or against all items: one operation, which computes
 * the exponential of each score once, and stands with its pullback.
 *
 * @module
 */
import { formula } from "../../kernels/mod.ts";
import { ValueError } from "../../kernels/errors.ts";
import type { Ids } from "../core/axis.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { range } from "../core/range.ts";
import { asMatrix, ShapeError, showShape } from "../core/shape.ts";
import {
  fromArray,
  full,
  type Matrix,
  ones,
  type Scalar,
  stopGradient,
  type Tensor,
  type Vector,
  zeros,
} from "../core/tensor.ts";
import { add, mul, neg, scale, shift, sub } from "./arithmetic.ts";
import { exp } from "./elementwise.ts";
import { matmulNT } from "./matrix.ts";
import { rowDots } from "./reduce.ts";
import { gather } from "./rows.ts";
import { mean } from "./sums.ts";

/** The options of {@link softmaxLoss} and {@link sampledSoftmax}. */
export interface SoftmaxOptions<B extends number = number, N extends number = number> {
  /** τ, by which scores are divided; 1 by default. */
  readonly temperature?: number | undefined;
  /**
   * log Q, the logarithm of the expected number of draws of each item, which is subtracted from its score (Bengio and
   * Senécal, 2008). A constant: no gradient flows to it. Nothing by default, as for negatives that are all equally
   * probable.
   */
  readonly logQ?: { readonly positives: Vector<B>; readonly negatives: Vector<N> } | undefined;
  /**
   * The numbers of the items, below 2²⁴. A negative with the number of a row's positive is then left out of this row.
   * Nothing is left out by default.
   */
  readonly ids?: { readonly positives: Ids; readonly negatives: Ids } | undefined;
}

/** Scores S, log Q of their columns, and the numbers of the items of their rows' positives and of their columns. */
type Scored = readonly [S: Matrix, q: Vector, i: Vector, j: Vector];

/** Below every score. */
const LOWEST = -3e38;

const largest = formula(
  "softmaxLoss",
  ({ zero, constant, abs, sub, neg, fma, where }) => (s, q, i, j, c) =>
    where(abs(sub(i, j)), zero, fma(s, c, neg(q)), constant(LOWEST)),
);
const powers = formula(
  "softmaxLoss",
  ({ zero, abs, sub, neg, fma, where, exp, min }) => (s, q, i, j, m, c) =>
    where(abs(sub(i, j)), zero, exp(min(sub(fma(s, c, neg(q)), m), zero)), zero),
);
const itself = formula("softmaxLoss", () => (x) => x);
const most = formula("softmaxLoss", ({ max }) => max);
// log(z + eᵖ⁻ᵐ) + m − p with m ≥ p, and log(z + 1) where m = p. The 1 that z or eᵖ⁻ᵐ contains is left to log1p.
const combined = formula(
  "softmaxLoss",
  ({ zero, one, add, sub, exp, log1p, where }) => (z, m, p) => {
    const beyond = sub(m, p);
    return add(log1p(where(beyond, zero, add(sub(z, one), exp(sub(p, m))), z)), beyond);
  },
);
const factor = formula("softmaxLoss", ({ sub, mul, exp }) => (m, l, g, c) => mul(mul(g, c), exp(sub(m, l))));
const times = formula("softmaxLoss", ({ mul }) => mul);

const EXTENTS = ["both", "columns", "rows", "columns", "rows"] as const;
const operandsOf = (xs: readonly Tensor[]) => xs.map(({ storage }, n) => ({ storage, extent: EXTENTS[n] }));
const elements = (xs: readonly Tensor[]) => xs.map(({ storage }) => ({ storage, extent: "both" } as const));

// m = max(p, x₁, x₂, …) of each row, with x = c S − q where the item of the column is not the positive of the row
const PEAKS: Primitive<readonly [p: Vector, ...Scored], Vector, number> = {
  name: "softmaxLoss",
  forward: ({ kernels }, [p, ...scored], c, shape) => {
    const found = kernels.reduce("max", largest, operandsOf(scored), [c], asMatrix(scored[0].shape), "rows");
    const [m] = kernels.map(most, [{ storage: found, extent: "both" }, ...elements([p])], [], asMatrix(shape));
    found.device.free(found);
    return m;
  },
  vjp: () => [],
};

// E = eˣ⁻ᵐ, and 0 where the item of the column is the positive of the row
const POWERS: Primitive<readonly [...Scored, m: Vector], Matrix, number> = {
  name: "softmaxLoss",
  forward: ({ kernels }, xs, c, shape) => kernels.map(powers, operandsOf(xs), [c], asMatrix(shape))[0],
  vjp: () => [],
};

/** The operands of a loss: scores, positives, and the constants m and E of {@link PEAKS} and {@link POWERS}. */
type Prepared = readonly [S: Matrix, p: Vector, m: Vector, E: Matrix];

// ℓ = log(eᵖ + Σ eˣ) − p over each row  ⇒  S̄ = c ḡ eˣ⁻ᵖ⁻ˡ, p̄ = ḡ (e⁻ˡ − 1)
const LOSSES: Primitive<Prepared, Vector, number> = {
  name: "softmaxLoss",
  forward: ({ kernels }, [, p, m, E], _, shape) => {
    const z = kernels.reduce("sum", itself, elements([E]), [], asMatrix(E.shape), "rows");
    const [out] = kernels.map(combined, [{ storage: z, extent: "both" }, ...elements([m, p])], [], asMatrix(shape));
    z.device.free(z);
    return out;
  },
  vjp: (g, { xs: [S, p, m, E], y, p: c, wants }) => [
    wants[0] ? apply(SHARES, [S, add(p, y), g, m, E], c, S.shape) : null,
    wants[1] ? mul(g, shift(exp(neg(y)), -1)) : null,
    null,
    null,
  ],
};

// W = c g eˣ⁻ᴸ = c g eᵐ⁻ᴸ E, L and g by rows  ⇒  S̄ = c W̄ ∘ W, L̄ = −Σ W̄ ∘ W and ḡ = Σ W̄ ∘ c eˣ⁻ᴸ over each row
const SHARES: Primitive<readonly [S: Matrix, L: Vector, g: Vector, m: Vector, E: Matrix], Matrix, number> = {
  name: "softmaxLoss",
  forward: ({ kernels }, [, L, g, m, E], c, shape) => {
    const [by] = kernels.map(factor, elements([m, L, g]), [c], asMatrix(g.shape));
    const [out] = kernels.map(times, [...elements([E]), { storage: by, extent: "rows" }], [], asMatrix(shape));
    by.device.free(by);
    return out;
  },
  vjp: (h, { xs: [S, L, g, m, E], y, p: c, wants }) => [
    wants[0] ? scale(mul(h, y), c) : null,
    wants[1] ? neg(rowDots(h, y)) : null,
    wants[2] ? rowDots(h, apply(SHARES, [S, L, ones(g.shape, g.storage), m, E], c, S.shape)) : null,
    null,
    null,
  ],
};

/**
 * Returns the mean over rows of −log (eᵖ / (eᵖ + Σⱼ e^xⱼ)), with p = positive/τ − log Q of the row's positive and xⱼ =
 * negativeⱼ/τ − log Qⱼ: the cross-entropy of a softmax in which each row's positive competes with the row's negatives.
 * It does not overflow. It takes three times B · N numbers, with the gradient.
 *
 * A negative that is listed twice counts twice, as a sample with repetition should. A negative that is a row's
 * positive competes with itself, unless `ids` are given.
 *
 * @param positives The score of each row's positive, B numbers.
 * @param negatives The scores of the N negatives, B rows.
 * @throws {ShapeError} if the lengths do not match, or there are no rows.
 * @throws {ValueError} if the temperature is not above 0.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { softmaxLoss } from "@giverny/giverny/ops";
 * import { ok } from "node:assert/strict";
 * const [loss] = readSync(softmaxLoss(tensor([1]), tensor([[1, 1, 1]]), { temperature: 0.1 }));
 * ok(Math.abs(loss - Math.log(4)) < 1e-6);
 * ```
 */
export function softmaxLoss<B extends number, N extends number>(
  positives: Vector<B>,
  negatives: Matrix<NoInfer<B>, N>,
  options: SoftmaxOptions<NoInfer<B>, NoInfer<N>> = {},
): Scalar {
  const { temperature = 1, logQ, ids } = options;
  const [rows, columns] = negatives.shape;
  if (!(temperature > 0)) {
    throw new ValueError(`Cannot softmaxLoss with the temperature ${temperature}: it must be above 0`);
  }
  checkLengths(rows, { positives: positives.shape[0], "log Q": logQ?.positives.shape[0], ids: ids?.positives.length });
  checkLengths(columns, { "log Q": logQ?.negatives.shape[0], ids: ids?.negatives.length });
  const place = negatives.storage;
  const numbered = (numbers: Ids) => fromArray(Float32Array.from(numbers), [numbers.length], place);
  const [i, j] = ids
    ? [numbered(ids.positives), numbered(ids.negatives)]
    : [full([rows], -1, place), zeros([columns], place)];
  const scaled = scale(positives, 1 / temperature);
  const p = logQ ? sub(scaled, stopGradient(logQ.positives)) : scaled;
  const q = logQ ? stopGradient(logQ.negatives) : zeros([columns], place);
  const [c, S] = [1 / temperature, stopGradient(negatives)];
  // Constants: the pullback is that of the whole formula, and finds its exponentials here.
  const m = apply(PEAKS, [stopGradient(p), S, q, i, j], c, [rows]);
  const E = apply(POWERS, [S, q, i, j, m], c, negatives.shape);
  return mean(apply(LOSSES, [negatives, p, m, E], c, [rows]));
}

function checkLengths(needed: number, lengths: Readonly<Record<string, number | undefined>>): void {
  for (const [noun, found = needed] of Object.entries(lengths)) {
    if (found === needed) continue;
    const rule = "the scores have a row for each positive and a column for each negative";
    throw new ShapeError(`Cannot softmaxLoss with ${found} ${noun} where ${needed} are needed: ${rule}`);
  }
}

/**
 * Returns {@link softmaxLoss} of the inner products of users with their positives and with N negatives, which all users
 * share: the sampled softmax loss. With rows of length 1, which `normalizeRows` makes, the scores are cosines.
 *
 * @param users The embeddings of B users.
 * @param positives The embedding of an item of each user, B rows.
 * @param negatives The embeddings of the negatives, N rows.
 * @throws {ShapeError} if the shapes do not match, or there are no users.
 * @throws {ValueError} if the temperature is not above 0.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { sampledSoftmax } from "@giverny/giverny/ops";
 * import { ok } from "node:assert/strict";
 * const [users, items] = [tensor([[1, 0], [0, 1]]), tensor([[1, 0], [0, 1]])];
 * const ids = { positives: Int32Array.of(0, 1), negatives: Int32Array.of(0, 1) };
 * const [loss] = readSync(sampledSoftmax(users, items, items, { temperature: 0.5, ids }));
 * ok(Math.abs(loss - Math.log1p(Math.exp(-2))) < 1e-6); // each user's positive is left out of the negatives
 * ```
 */
export function sampledSoftmax<B extends number, N extends number, D extends number>(
  users: Matrix<B, D>,
  positives: Matrix<NoInfer<B>, NoInfer<D>>,
  negatives: Matrix<N, NoInfer<D>>,
  options: SoftmaxOptions<NoInfer<B>, NoInfer<N>> = {},
): Scalar {
  return softmaxLoss(rowDots(users, positives), matmulNT(users, negatives), options);
}

/** The options of {@link fullSoftmax}. */
export type FullSoftmaxOptions = Pick<SoftmaxOptions, "temperature">;

/**
 * Returns the mean over users u of −log (e^{⟨u, p⟩/τ} / Σ e^{⟨u, i⟩/τ}), with the sum over all items i: the softmax
 * loss without a sample.
 *
 * @param positives The number of an item of each user.
 * @throws {ShapeError} if there is not one positive for each user, or there are no users.
 * @throws {ValueError} if an item does not exist, or the temperature is not above 0.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { fullSoftmax } from "@giverny/giverny/ops";
 * import { ok } from "node:assert/strict";
 * const [loss] = readSync(fullSoftmax(tensor([[1, 2]]), tensor([[1, 1], [1, 1], [1, 1]]), Int32Array.of(2)));
 * ok(Math.abs(loss - Math.log(3)) < 1e-6);
 * ```
 */
export function fullSoftmax<B extends number, N extends number, D extends number>(
  users: Matrix<B, D>,
  items: Matrix<N, D>,
  positives: Ids<N>,
  { temperature }: FullSoftmaxOptions = {},
): Scalar {
  if (positives.length !== users.shape[0]) {
    const operands = `${showShape(users.shape)} users and ${positives.length} positives`;
    throw new ShapeError(`Cannot fullSoftmax with ${operands}: one positive for each user is needed`);
  }
  const ids = { positives, negatives: range(items.shape[0]) };
  return sampledSoftmax(users, gather(items, positives) as Matrix<B, D>, items, { temperature, ids });
}
