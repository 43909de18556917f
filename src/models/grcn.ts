/**
 * GRCN: graph-refined convolutional network (Wei, Wang, Nie, He and Chua, MM 2020, arXiv 2111.02036). What users like of each
 * modality tells how much their interactions mean, and with these weights the interaction graph convolves ID embeddings. The
 * steps, numbered here, for every modality m with raw features X:
 *
 * | step | here | formula |
 * |---|---|---|
 * | (1) | `project` | F = lrelu(X Wᵀ + b), rows scaled to length 1 |
 * | (2) | `route` | P ← P + Σᵢ aᵢ Fᵢ with a = softmax ⟨P_u, Fᵢ⟩ over the user's items, rows scaled to length 1; R times |
 * | (3) | `affinities` | αₙⱼ = softmax ⟨xₙ, xⱼ⟩ over the neighbours j of node n, with x = [P ; F] |
 * | (4) | `refine` | x + Σⱼ αₙⱼ xⱼ |
 * | (5) | `weigh` | wₙⱼ = maxₘ αₙⱼ Cⱼ, with a confidence C for every node and modality |
 * | (6) | `convolve` | E⁰ + w E⁰ + … + wᴸ E⁰, with E⁰ = ID, rows scaled to length 1 |
 * | (7) | {@link encode} | e = [(6) ‖ (4) of each modality] |
 * | (8) | `dotScore` | ŷ = ⟨e_u, e_i⟩ |
 * | (9) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ (mean(ID_u² + ID_i²) + Σₘ mean P_u²) |
 *
 * Rows of length 1 and weights that sum to 1 do not say how often an item was met; the tables have to learn it, which takes long
 * where most items have few users. On TikTok the recall@20 on validation was .049 after 61 epochs at the default rate and .088
 * after 186 (popularity has .063); on test it is .085 (.060). On the garden it is .230 on test (.122).
 *
 * ## Departures
 *
 * The defaults follow the released code (weiyinwei/GRCN, 24bd1fa), but for its faults:
 *
 * - (2) is the paper's. In the code messages run from users to items and what users receive is read, which is nothing: P is
 *   scaled to length 1 and no more (`routing: "code"`). Numbers published for GRCN come from it as a rule;
 * - (5) leaves negative weights as they are, which the authors' commands call soft pruning; with `pruning: "hard"`, the code's
 *   default, they become 0;
 * - λ weighs the batch's rows of the tables, by their means; the paper weighs all parameters. C is not weighed. Since (2) and
 *   (6) begin with rows of length 1, λ changes how fast tables turn, not what they can say;
 * - the code reads words as embeddings, and takes their mean; here words are sparse features, projected as others are;
 * - the code draws negatives from all items; here they are items that occur in training, see `interactionSampler`;
 * - the code chooses its epoch by the recall@10 on test, and gives training items the score 10⁻⁵ there, which beats that of many
 *   others. Here training stops on validation and training items are left out, as every model's; there is no switch.
 *
 * @module
 */
import type { Dim, Entries, Items, Nodes, Users } from "../core/axis.ts";
import { add } from "../core/autodiff.ts";
import { type Pattern, rowSelector } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Matrix, Placement, Scalar, Vector } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { bipartite } from "../data/graph.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { linearUniform, xavierNormal } from "../ops/draw.ts";
import { addAll, scale, square } from "../ops/elementwise.ts";
import { concatColumns } from "../ops/matrix.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { mean } from "../ops/reduce.ts";
import { gather } from "../ops/rows.ts";
import { batchRows, dotBpr, dotScore, type Factors, factorsOf, nodesOf } from "./factors.ts";
import { inputsOf } from "./features.ts";
import { affinities, convolve, type GrcnModality, project, refine, ROUTINGS, weigh } from "./grcn_graph.ts";
import { pairSquares } from "./mmgcn.ts";
import type { Model } from "./model.ts";

/** The settings of GRCN. */
export type GrcnConfig = Config & {
  readonly dim: number;
  readonly routing: "paper" | "code";
  readonly routings: number;
  readonly weights: "confidence" | "max" | "mean";
  readonly pruning: "soft" | "hard";
  readonly layers: number;
  readonly l2: number;
};

/** What stays fixed while GRCN trains. */
export interface GrcnContext {
  /** The settings. */
  readonly config: GrcnConfig;
  /** Every user's training items. */
  readonly history: Pattern<Users, Items>;
  /** The interaction graph, to be weighed. */
  readonly graph: Pattern<Nodes, Nodes>;
  /** The neighbour that each entry of the graph leads to. */
  readonly sources: Pattern<Entries, Nodes>;
  /** The raw features of every modality. */
  readonly features: Readonly<Record<string, FeatureMatrix>>;
}

/** The parameters of GRCN: ID embeddings, confidences C of modalities, if they are asked for, and what each modality learns. */
export type GrcnParams = {
  readonly ID: Matrix<Nodes, Dim>;
  readonly C?: Matrix<Nodes, number>;
  readonly modalities: { readonly [modality: string]: GrcnModality };
};

const settings: Settings<GrcnConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size, of IDs and of each modality" },
  routing: {
    default: "paper",
    choices: ["paper", "code"],
    about: "whether users gather from their items, as in (2), or nothing, as in the released code",
  },
  routings: { default: 3, min: 0, whole: true, about: "R, how often users gather (2)" },
  weights: {
    default: "confidence",
    choices: ["confidence", "max", "mean"],
    about: "how modalities weigh an interaction: the largest after confidence (5), the largest, or the mean",
  },
  pruning: { default: "soft", choices: ["soft", "hard"], about: "hard for no negative weights (5)" },
  layers: { default: 2, min: 0, whole: true, about: "L, graph convolutions of ID embeddings (6)" },
  l2: { default: 1e-5, min: 0, about: "λ, the weight of the mean squares (9)" },
};

/** Builds the graph and puts the features on the device. */
function prepare(data: Dataset, config: GrcnConfig, place: Placement = {}): GrcnContext {
  const history = histories(data, "train");
  const graph = bipartite(history);
  const sources: Pattern<Entries, Nodes> = rowSelector(graph.indices, graph.columns);
  return { config, history, graph, sources, features: modalityFeatures(data, place) };
}

/** Draws the parameters: tables as Glorot and Bengio's normal, W and b as PyTorch's linear layers. */
function init(key: Key, { config: { dim, weights }, history, graph, features }: GrcnContext): GrcnParams {
  const [forID, forC, forModalities] = split(key, 3);
  const drawn = Object.entries(features).map(([modality, x], n): [string, GrcnModality] => {
    const [inputs, { device }] = [inputsOf(x), ("pattern" in x ? x.values : x).storage];
    const [forP, forW, forb] = split(foldIn(forModalities, n), 3);
    return [modality, {
      P: xavierNormal(forP, [history.rows, dim], { device }),
      W: linearUniform(forW, [dim, inputs], { inputs, device }),
      b: linearUniform(forb, [dim], { inputs, device }),
    }];
  });
  const { device } = drawn[0][1].P.storage;
  return {
    ID: xavierNormal(forID, [graph.rows, dim], { device }),
    ...(weights === "confidence" && { C: xavierNormal(forC, [graph.rows, drawn.length], { device }) }),
    modalities: Object.fromEntries(drawn),
  };
}

/** What all nodes are in one modality, refined, and how much neighbours are to them. */
interface Refined {
  readonly x: Matrix<Nodes, Dim>;
  readonly alpha: Vector<Entries>;
}

/** (1, 2, 3, 4) What each modality makes of the graph, by its name. */
function refined(
  { modalities }: GrcnParams,
  { config: { routing, routings }, history, graph, features }: GrcnContext,
): Readonly<Record<string, Refined>> {
  return Object.fromEntries(
    Object.entries(modalities).map(([modality, p]) => {
      const items = project(features[modality], p);
      const users = Array.from({ length: routings }).reduce<Matrix<Users, Dim>>(
        (P) => ROUTINGS[routing](history, P, items),
        normalizeRows(p.P),
      );
      const x = nodesOf({ users, items });
      const alpha = affinities(graph, x);
      return [modality, { alpha, x: refine(graph, x, alpha) }];
    }),
  );
}

/** (7) The final embeddings: of IDs, along the weighed graph, and of each modality. */
export function encode(params: GrcnParams, context: GrcnContext): Factors {
  const { config, history, graph, sources } = context;
  const { ID, C } = params;
  const parts = Object.values(refined(params, context));
  const w = weigh(parts.map(({ alpha }) => alpha), { ...config, sources, ...(C && { C }) });
  return factorsOf(concatColumns([convolve(graph, w, ID, config.layers), ...parts.map(({ x }) => x)]), history);
}

/** The items' embeddings of each modality, before they are put side by side. */
export function byModality(params: GrcnParams, context: GrcnContext): Readonly<Record<string, Matrix<Items, Dim>>> {
  const parts = Object.entries(refined(params, context));
  return Object.fromEntries(parts.map(([modality, { x }]) => [modality, factorsOf(x, context.history).items]));
}

/** (9) The BPR objective, and what λ weighs. */
export function loss(params: GrcnParams, batch: Triples, context: GrcnContext): Scalar {
  const { config, history } = context;
  const ranked = dotBpr(batchRows(encode(params, context), batch));
  const squares = [
    pairSquares(batchRows(factorsOf(params.ID, history), batch)),
    ...Object.values(params.modalities).map(({ P }) => mean(square(gather(P, batch.users)))),
  ];
  return add(ranked, scale(addAll(squares), config.l2));
}

/** GRCN as its released code means it, with the paper's routing. */
export const grcn: Model<GrcnConfig, GrcnContext, GrcnParams, Factors> = {
  name: "grcn",
  about: "interactions weighed by what users like of each modality, and a graph convolution along them",
  source: "Wei et al., MM 2020, arXiv 2111.02036",
  settings,
  training: { sampler: "interaction", batch: 1024, lr: 1e-4, epochs: 1000, every: 1, patience: 21 },
  prepare,
  init,
  loss,
  encode,
  byModality,
  score: dotScore,
};
