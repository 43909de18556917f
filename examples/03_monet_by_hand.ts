/**
 * MONET by hand: the equations of the paper as a model of your own. `train` takes its steps, and `recommend` and
 * `evaluate` apply the trained model. The regulariser and the variants are in `src/models/monet.ts`.
 *
 * Run it with `deno run -A examples/03_monet_by_hand.ts`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { evaluate, garden, key, models, recommend, train } from "@giverny/giverny";
import {
  type Config,
  type Csr,
  type Dim,
  foldIn,
  type Ids,
  type Items,
  type Matrix,
  type Nodes,
  type Pattern,
  split,
  takeRows,
  type Tensor,
  type Users,
  type Vector,
  without,
} from "@giverny/giverny/core";
import { type FeatureMatrix, histories, modalityFeatures, symmetricAdjacency } from "@giverny/giverny/data";
import { inputsOf, type Model } from "@giverny/giverny/models";
import {
  add,
  bprLoss,
  concatColumns,
  concatRows,
  gather,
  linear,
  linearUniform,
  matmulNT,
  normalizeRows,
  rowDots,
  scale,
  sddmm,
  segmentSoftmaxMean,
  sliceRows,
  spmm,
  xavierUniform,
} from "@giverny/giverny/ops";

// The fixed inputs: every user's training items, the graph Â of users and items, and the raw features X.
interface Context {
  readonly history: Pattern<Users, Items>;
  readonly graph: Csr<Nodes, Nodes>;
  readonly features: Readonly<Record<string, FeatureMatrix>>;
}

// The parameters of a modality: user embeddings P, and the projection W, b of item features.
type Part = { readonly P: Matrix<Users, Dim>; readonly W: Matrix<Dim>; readonly b: Vector<Dim> };
type Params = { readonly [modality: string]: Part };
type Embeddings = { readonly users: Matrix<Users, Dim>; readonly items: Matrix<Items, Dim> };

/** (2) Z = X Wᵀ + b, rows scaled to length 1. */
const project = (x: FeatureMatrix, { W, b }: Part): Matrix<Items, Dim> => normalizeRows(linear(x, W, b));

/** (3) Two layers of Hˡ = Â Hˡ⁻¹ + Hˡ⁻¹. */
const convolve = (graph: Csr<Nodes, Nodes>, h: Matrix<Nodes, Dim>): Matrix<Nodes, Dim> => {
  for (let layer = 0; layer < 2; layer++) h = add(spmm(graph, h), h);
  return h;
};

/** (6) ŷ = 0.7 ⟨e_u, e_c⟩ + 0.3 ⟨e_u(c), e_c⟩ */
const blend = <T extends Tensor>(general: T, target: T): Tensor<T["shape"]> =>
  add(scale(general, 0.7), scale(target, 0.3));

/** The final embeddings: the modalities side by side. */
function encode(params: Params, { history, graph, features }: Context): Embeddings {
  const parts = Object.entries(params).map(([name, part]) =>
    convolve(graph, concatRows([part.P, project(features[name], part)]))
  );
  const e = concatColumns(parts);
  return { users: sliceRows(e, 0, history.rows), items: sliceRows(e, history.rows, graph.pattern.rows) };
}

const monet: Model<Config, Context, Params, Embeddings> = {
  name: "monet by hand",
  about: "modality-embracing graph convolution and target-aware attention",
  source: "Kim et al., WSDM 2024, arXiv 2312.09511",
  settings: {},
  training: { sampler: "user", batch: 256, lr: 1e-3 },
  prepare: (data, _, place) => ({
    history: histories(data, "train"),
    graph: symmetricAdjacency(histories(data, "train"), place),
    features: modalityFeatures(data, place),
  }),
  init: (key, { history, features }) =>
    Object.fromEntries(
      Object.entries(features).map(([name, x], n) => {
        const [[forP, forW, forB], inputs] = [split(foldIn(key, n), 3), inputsOf(x)];
        const P = xavierUniform(forP, [history.rows, 64]);
        return [name, {
          P,
          W: linearUniform(forW, [64, inputs], { inputs }),
          b: linearUniform(forB, [64], { inputs }),
        }];
      }),
    ),
  /** (7) mean −log σ(ŷ_p − ŷ_n) of positives p and negatives n. */
  loss(params, { users, positives, negatives }, context) {
    const e = encode(params, context);
    const score = (targets: Ids<Items>) => {
      const ec = gather(e.items, targets);
      // (4, 5) The similarities of the target to the user's other items, weighted by their softmax.
      const others = without(takeRows(context.history, users), targets);
      const s = sddmm(others, ec, e.items);
      return blend(rowDots(gather(e.users, users), ec), segmentSoftmaxMean(s, s, others));
    };
    return bprLoss(score(positives), score(negatives));
  },
  encode,
  /** (4, 5, 6) of every item as a target: a row of scores for each user. */
  score({ users, items }, block) {
    const s = matmulNT(gather(items, block.history.indices), items);
    return blend(matmulNT(gather(users, block.users), items), segmentSoftmaxMean(s, s, block.history));
  },
};

// The embedded data set: paintings with titles, words and pictures, and users who like some of them.
const data = garden(key(0));
const ours = await train(monet, data, {
  epochs: 15,
  seed: 1,
  events: (event) => {
    if (event.type === "epoch") console.log(`epoch ${event.epoch.epoch}: loss ${event.epoch.loss.toFixed(3)}`);
  },
});
const theirs = await train(models.popularity, data);

const [recall, popularity] = [await evaluate(ours), await evaluate(theirs)].map((e) => e.metrics["recall@20"]);
console.log(`recall@20: ${recall.toFixed(3)}, popularity ${popularity.toFixed(3)}`);

const [{ user, items }] = await recommend(ours, { users: ["user-007"], k: 5 });
console.log(`for ${user}:`, items.map(({ title }) => title));
