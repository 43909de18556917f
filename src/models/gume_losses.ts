/**
 * What GUME trains beside the ranking: modalities like each other (internal alignment) and like behaviour (external), and user
 * modalities that stand noise. Each is a list of terms, empty where its weight is 0.
 *
 * @module
 */
import type { Batch, Dim, Ids, Items, Nodes, Users } from "../core/axis.ts";
import { add } from "../core/autodiff.ts";
import type { Pattern } from "../core/pattern.ts";
import { type Key, split } from "../core/random.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Scalar, Tensor } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { uniform } from "../ops/draw.ts";
import { abs, addAll, mul, neg, scale, sign, sub } from "../ops/elementwise.ts";
import { infoNce, l2 } from "../ops/loss.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { dot, fill, mean } from "../ops/reduce.ts";
import { gather } from "../ops/rows.ts";
import { type Factors, factorsOf, meanOfLayers, nodesOf } from "./factors.ts";

/** The mean of all numbers of a tensor, and their unbiased variance. */
export function moments(x: Tensor): { readonly mean: Scalar; readonly variance: Scalar } {
  const middle = mean(x);
  const rest = add(x, fill(neg(middle), x.shape));
  const count = x.shape.reduce((product: number, length) => product * length, 1);
  return { mean: middle, variance: scale(dot(rest, rest), 1 / (count - 1)) };
}

/** (9) The distance between the explicit features of modalities: the mean over pairs of │Var F − Var F′│ + │Mean F − Mean F′│. */
export function internal(
  explicit: readonly Matrix<Nodes, Dim>[],
  { internal: weight }: { readonly internal: number },
): readonly Scalar[] {
  if (weight === 0 || explicit.length < 2) return [];
  const all = explicit.map(moments);
  const pairs = all.flatMap((a, n) => all.slice(n + 1).map((b) => [a, b] as const));
  const apart = pairs.map(([a, b]) => add(abs(sub(a.variance, b.variance)), abs(sub(a.mean, b.mean))));
  return [scale(addAll(apart), weight / pairs.length)];
}

/** (10) How well a batch's users and positives are told from the others by their extended ids X, given their joint features J. */
export function external(
  x: Factors,
  j: Factors,
  { users, positives }: Triples,
  { external: weight, externalTemperature }: { readonly external: number; readonly externalTemperature: number },
): readonly Scalar[] {
  if (weight === 0) return [];
  const found = [
    infoNce(gather(j.users, users), gather(x.users, users), externalTemperature),
    infoNce(gather(j.items, positives), gather(x.items, positives), externalTemperature),
  ];
  return [scale(addAll(found), weight)];
}

/**
 * (7) The extended interests of users, from Q of each modality, and what they make of items, from the explicit features of
 * these: the mean over modalities of the mean of layers. Propagation is linear, so modalities are averaged first.
 */
export function interest(
  modalities: Readonly<Record<string, { readonly Q: Matrix<Users, Dim> }>>,
  explicit: readonly Factors[],
  { adjacency, history, config }: {
    readonly adjacency: Csr<Nodes, Nodes>;
    readonly history: Pattern<Users, Items>;
    readonly config: { readonly layers: number };
  },
): Factors {
  const average = <R extends number>(xs: readonly Matrix<R, Dim>[]) => scale(addAll(xs), 1 / xs.length);
  const start = nodesOf({
    users: average(Object.values(modalities).map(({ Q }) => Q)),
    items: average(explicit.map(({ items }) => items)),
  });
  return factorsOf(meanOfLayers(adjacency, start, config.layers), history);
}

/**
 * Returns a batch's rows x + s sign x ∘ r / ‖r‖ with r uniform from [0, 1) and drawn once per user: a user who is in the batch
 * twice has one noise.
 */
export function perturbed(
  key: Key,
  e: Matrix<Users, Dim>,
  users: Ids<Users>,
  size: number,
): Matrix<Batch, Dim> {
  const rows = gather(e, users);
  const place = new Map(Array.from(new Set(users), (user, n) => [user, n]));
  const noise = normalizeRows(uniform(key, [place.size, e.shape[1]], { device: e.storage.device }));
  const own = gather(noise, users.map((user) => place.get(user)!));
  return add(rows, scale(mul(sign(rows), own), size));
}

/** What (11) depends on, and the weight λ_G of G in (8). */
export interface UserModality {
  /** λ_um. */
  readonly user: number;
  /** The temperature of (11). */
  readonly userTemperature: number;
  /** The length of the noise. */
  readonly noise: number;
  /** λ_G. */
  readonly interestL2: number;
}

/**
 * (11) How well a batch's users are told from the others by J, given G, and by each of both, given itself with other noise; and
 * λ_G/B ½ Σ‖g‖² of the positives. G is only asked for where it counts.
 */
export function userModality(
  interest: () => Factors,
  j: Factors,
  { users, positives }: Triples,
  key: Key,
  { user: weight, userTemperature, noise, interestL2 }: UserModality,
): readonly Scalar[] {
  if (weight === 0 && interestL2 === 0) return [];
  const g = interest();
  const penalty = scale(l2(gather(g.items, positives)), interestL2 / positives.length);
  if (weight === 0) return [penalty];
  const keys = split(key, 4);
  const stands = [j, g].map((e, n) => {
    const [one, other] = [0, 1].map((m) => perturbed(keys[2 * n + m], e.users, users, noise));
    return infoNce(one, other, userTemperature);
  });
  const told = infoNce(gather(g.users, users), gather(j.users, users), userTemperature);
  return [penalty, scale(addAll([told, ...stands]), weight)];
}
