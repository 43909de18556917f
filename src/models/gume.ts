/**
 * GUME: graphs and user modalities enhanced for the long tail (Lin, Meng, Wang, Long, Zhou and Xiao, CIKM 2024,
 * arXiv 2407.12338). For every modality m, with E the embeddings of ids, σ the logistic function, Sₘ the normalised graph of the k
 * nearest neighbours in raw features Xₘ, Â the interaction graph with entries between semantic neighbours, R̂ its block from users
 * to items, LGₗ the mean of layers 0 to L along Â, and equations numbered in the order in which they are computed:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) | {@link purify} | Mₘ = E_i ∘ σ(gate(project(Xₘ))) |
 * | (2) | {@link views} | X = LG(E), the extended ids |
 * | (3) | {@link explicit} | Fₘ = [R̂ Tₘ ; Tₘ] with Tₘ = Sₘⁿ Mₘ |
 * | (4) | {@link separate} | C = Σ aₘ Fₘ with a = softmax over m of ⟨w, tanh(query(Fₘ))⟩ |
 * | (5) | {@link separate} | J = (C + Σ σ(behaviourₘ(X)) ∘ (Fₘ − C)) / (M + 1) |
 * | (6) | {@link encode} | e = X + J |
 * | (7) | {@link interest} | G = mean over m of LG([Qₘ ; Tₘ]), the extended interests |
 * | (8) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ/B ½ Σ‖e‖² + λ_G/B ½ Σ‖g_p‖² + (9) + (10) + (11) |
 * | (9) | {@link internal} | λ_in · mean over pairs of modalities of │Var F − Var F′│ + │Mean F − Mean F′│ |
 * | (10) | {@link external} | λ_ex (N(J_u, X_u) + N(J_p, X_p)), N the InfoNCE of rows at a temperature |
 * | (11) | {@link userModality} | λ_um (N(G_u, J_u) + N(J_u + ε, J_u + ε′) + N(G_u + ε, G_u + ε′)) |
 *
 * Each part is taken out by a setting: the entries between semantic neighbours by `enhance: false`, (9), (10) and (11) by weights
 * of 0 (and `interestL2: 0` for the last), and then nothing of it is computed.
 *
 * ## Departures
 *
 * The defaults follow the released code (NanGongNingYi/GUME, 44a4dce), with its values for Baby, but for the first two points:
 *
 * - ours: raw features stay fixed. The code trains them (`freeze: false`), while the graphs of their neighbours stay as they were;
 * - ours: any number of modalities. Semantic neighbours are such in every one. With one modality they are all its neighbours, (9)
 *   is nothing, and (5) halves C; with two, (9) is the paper's;
 * - (9) compares one mean and one variance of all numbers of F, as the code does, where the paper speaks of distributions;
 * - semantic neighbours are directed, so Â is not symmetric; weights are normalised by row sums;
 * - the code divides the regulariser of an epoch's last, smaller batch by the size of the others; here by its own;
 * - the code's graphs take k neighbours whatever their similarity. Here similarities of 0 and below do not count, see `nearestNeighbours`.
 *
 * @module
 */
import type { Dim, Features, Items, Nodes, Users } from "../core/axis.ts";
import { add } from "../core/autodiff.ts";
import type { Pattern } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Placement, Scalar, Vector } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { enhancedAdjacency, sharedNeighbours, symmetricAdjacency, userBlock } from "../data/graph.ts";
import { similarityGraphs } from "../data/neighbours.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { linearUniform, xavierUniform } from "../ops/draw.ts";
import { addAll, mul, scale, sigmoid, sub, tanh } from "../ops/elementwise.ts";
import { concatColumns, matmulNT, reshape, sliceColumns } from "../ops/matrix.ts";
import { linear, softmaxRows } from "../ops/nn.ts";
import { scaleRows } from "../ops/reduce.ts";
import { spmm } from "../ops/sparse.ts";
import {
  batchL2,
  batchRows,
  dotBpr,
  dotScore,
  drawFactors,
  type Factors,
  factorsOf,
  layersOf,
  meanOfLayers,
  nodesOf,
} from "./factors.ts";
import { inputsOf, trainable } from "./features.ts";
import { external, interest, internal, userModality } from "./gume_losses.ts";
import type { Model } from "./model.ts";

/** The settings of GUME. */
export type GumeConfig = Config & {
  readonly dim: number;
  readonly neighbours: number;
  readonly enhance: boolean;
  readonly layers: number;
  readonly itemLayers: number;
  readonly internal: number;
  readonly external: number;
  readonly externalTemperature: number;
  readonly user: number;
  readonly userTemperature: number;
  readonly noise: number;
  readonly interestL2: number;
  readonly l2: number;
  readonly freeze: boolean;
};

/** What stays fixed while GUME trains. */
export interface GumeContext {
  /** The settings. */
  readonly config: GumeConfig;
  /** Every user's training items. */
  readonly history: Pattern<Users, Items>;
  /** Â, the enhanced and normalised interaction graph. */
  readonly adjacency: Csr<Nodes, Nodes>;
  /** R̂, its block from users to items. */
  readonly block: Csr<Users, Items>;
  /** The raw features of every modality. */
  readonly features: Readonly<Record<string, FeatureMatrix>>;
  /** S: the graph of each modality's raw features. */
  readonly graphs: Readonly<Record<string, Csr<Items, Items>>>;
}

/** A linear layer: x Wᵀ + b. */
export type GumeLayer<F extends number = Dim> = { readonly W: Matrix<Dim, F>; readonly b: Vector<Dim> };

/** What GUME learns of a modality: interests Q, the layers of (1) and (5), and the features X where they are trained. */
export type GumeModality = {
  readonly Q: Matrix<Users, Dim>;
  readonly project: GumeLayer<Features>;
  readonly gate: GumeLayer;
  readonly behaviour: GumeLayer;
  readonly X?: Matrix<Items, Features>;
};

/** The parameters: E, the attention of (4), and what belongs to each modality. */
export type GumeParams = Factors & {
  readonly query: GumeLayer & { readonly w: Matrix<number, Dim> };
  readonly modalities: { readonly [modality: string]: GumeModality };
};

const settings: Settings<GumeConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  neighbours: { default: 10, min: 1, whole: true, about: "k, neighbours of an item in a modality, itself included" },
  enhance: { default: true, about: "add entries between items near in every modality to the interaction graph" },
  layers: { default: 3, min: 0, whole: true, about: "L, graph convolutions along interactions (2, 7)" },
  itemLayers: { default: 2, min: 0, whole: true, about: "n, graph convolutions along similar items (3)" },
  internal: { default: 0.1, min: 0, about: "λ_in, the weight of the alignment of modalities (9)" },
  external: { default: 0.01, min: 0, about: "λ_ex, the weight of the alignment of modalities with behaviour (10)" },
  externalTemperature: { default: 0.4, min: 0.01, about: "the temperature of (10)" },
  user: { default: 0.01, min: 0, about: "λ_um, the weight of the enhancement of user modalities (11)" },
  userTemperature: { default: 0.1, min: 0.01, about: "the temperature of (11)" },
  noise: { default: 0.1, min: 0, about: "the length of the noise ε (11)" },
  interestL2: { default: 0.1, min: 0, about: "λ_G, the weight of the squared norms of positives in G (8)" },
  l2: { default: 1e-5, min: 0, about: "λ, the weight of the batch's squared norms (8)" },
  freeze: { default: true, about: "keep raw features fixed; false trains dense ones, as the code does" },
};

/** Builds the graphs. */
async function prepare(data: Dataset, config: GumeConfig, place: Placement = {}): Promise<GumeContext> {
  const history = histories(data, "train");
  const features = modalityFeatures(data, place);
  const graphs = await similarityGraphs(features, config.neighbours);
  const semantic = sharedNeighbours(Object.values(graphs).map(({ pattern }) => pattern));
  const enhanced = () => enhancedAdjacency(history, semantic, place);
  const adjacency = scope(config.enhance ? enhanced : () => symmetricAdjacency(history, place));
  return { config, history, adjacency, block: scope(() => userBlock(adjacency, history.rows)), features, graphs };
}

/** Draws the parameters: tables as Glorot and Bengio, layers as PyTorch's. */
function init(key: Key, { config: { dim, freeze }, history, features, adjacency }: GumeContext): GumeParams {
  const { device } = adjacency.values.storage;
  const [forFactors, forQuery, forWeights, forModalities] = split(key, 4);
  const layer = <F extends number>(key: Key, inputs: F): GumeLayer<F> => {
    const [[forW, forB], how] = [split(key), { inputs, device }];
    return { W: linearUniform(forW, [dim, inputs], how), b: linearUniform(forB, [dim], how) };
  };
  const modalities = Object.entries(features).map(([modality, x], n): [string, GumeModality] => {
    const [forQ, forProject, forGate, forBehaviour] = split(foldIn(forModalities, n), 4);
    return [modality, {
      Q: xavierUniform(forQ, [history.rows, dim], { device }),
      project: layer(forProject, inputsOf(x)),
      gate: layer(forGate, dim),
      behaviour: layer(forBehaviour, dim),
      ...trainable(x, freeze),
    }];
  });
  return {
    ...drawFactors(forFactors, history, { dim, init: "uniform", device }),
    query: { ...layer(forQuery, dim), w: linearUniform(forWeights, [1, dim], { inputs: dim, device }) },
    modalities: Object.fromEntries(modalities),
  };
}

/** (1) What a modality says of each item, as far as it is about what ids say: noise is closed out. */
export function purify(x: FeatureMatrix, { project, gate }: GumeModality, ids: Matrix<Items, Dim>): Matrix<Items, Dim> {
  return mul(ids, sigmoid(linear(linear(x, project.W, project.b), gate.W, gate.b)));
}

/** (3) The explicit features of users and items in a modality, apart: R̂ T and T = Sⁿ M. */
export function explicit(m: Matrix<Items, Dim>, graph: Csr<Items, Items>, { block, config }: GumeContext): Factors {
  const items = layersOf(graph, m, config.itemLayers).at(-1)!;
  return { users: spmm(block, items), items };
}

/** (4, 5) The joint features J: what modalities share, and what each has beside that, as far as behaviour X asks for it. */
export function separate(
  ids: Matrix<Nodes, Dim>,
  features: readonly Matrix<Nodes, Dim>[],
  { query: { W, b, w }, modalities }: GumeParams,
): Matrix<Nodes, Dim> {
  const attention = softmaxRows(concatColumns(features.map((f) => matmulNT(tanh(linear(f, W, b)), w))));
  const share = (m: number) => reshape(sliceColumns(attention, m, m + 1), [ids.shape[0]]);
  const shared = addAll(features.map((f, m) => scaleRows(f, share(m))));
  const own = Object.values(modalities).map(({ behaviour }, m) =>
    mul(sigmoid(linear(ids, behaviour.W, behaviour.b)), sub(features[m], shared))
  );
  return scale(addAll([shared, ...own]), 1 / (own.length + 1));
}

/** What is known of every node: extended ids X, explicit features F of each modality, joint features J. */
export type GumeViews = { ids: Matrix<Nodes, Dim>; explicit: readonly Factors[]; joint: Matrix<Nodes, Dim> };

/** (2) The extended ids, and all that follows from them. */
export function views(params: GumeParams, context: GumeContext): GumeViews {
  const { adjacency, features, graphs, config } = context;
  const ids = meanOfLayers(adjacency, nodesOf(params), config.layers);
  const found = Object.entries(params.modalities).map(([modality, p]) =>
    explicit(purify(p.X ?? features[modality], p, params.items), graphs[modality], context)
  );
  return { ids, explicit: found, joint: separate(ids, found.map(nodesOf), params) };
}

/** (6) The final embeddings. */
export function encode(params: GumeParams, context: GumeContext): Factors {
  const { ids, joint } = views(params, context);
  return factorsOf(add(ids, joint), context.history);
}

/** (8) The BPR objective, the regulariser of the batch's final embeddings, and the parts that have a weight. */
export function loss(params: GumeParams, batch: Triples, context: GumeContext, key: Key): Scalar {
  const { config, history } = context;
  const { ids, explicit, joint } = views(params, context);
  const e = batchRows(factorsOf(add(ids, joint), history), batch);
  const [x, j] = [ids, joint].map((nodes) => factorsOf(nodes, history));
  return addAll([
    dotBpr(e),
    batchL2(config.l2, e),
    ...internal(explicit.map(nodesOf), config),
    ...external(x, j, batch, config),
    ...userModality(() => interest(params.modalities, explicit, context), j, batch, key, config),
  ]);
}

/** GUME as its released code computes it, but for features that stay fixed. */
export const gume: Model<GumeConfig, GumeContext, GumeParams, Factors, Promise<GumeContext>> = {
  name: "gume",
  about: "a graph enhanced between similar items, user modalities, and alignment of modalities with behaviour",
  source: "Lin et al., CIKM 2024, arXiv 2407.12338",
  settings,
  training: { sampler: "interaction", batch: 2048, lr: 1e-3, decay: 0.96, epochs: 1000, every: 1, patience: 20 },
  prepare,
  init,
  loss,
  encode,
  score: dotScore,
};
