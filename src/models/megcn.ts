/**
 * The first half of MONET, the modality-embracing graph convolutional network: what users and items are in each modality, and
 * the ways to join that. The equations' numbers are those of `monet.ts`.
 *
 * @module
 */
import type { Dim, Features, Items, Nodes, Users } from "../core/axis.ts";
import { degree, type Pattern } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import type { Config } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, type Matrix, type Placement, type Vector } from "../core/tensor.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { symmetricAdjacency } from "../data/graph.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { linearUniform, xavierUniform } from "../ops/draw.ts";
import { add } from "../ops/elementwise.ts";
import { concatBlocks, concatColumns, sliceColumns } from "../ops/matrix.ts";
import { linear } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { scaleRows } from "../ops/reduce.ts";
import { propagate, spmm } from "../ops/sparse.ts";
import { drawFactors, type Factors, factorsOf, meanOfLayers, nodesOf } from "./factors.ts";
import { inputsOf, trainable } from "./features.ts";
import { drawFusion, type FusionParams, FUSIONS } from "./fusion.ts";

/** The settings of MONET. */
export type MonetConfig = Config & {
  readonly dim: number;
  readonly layers: number;
  readonly alpha: number;
  readonly beta: number;
  readonly l2: number;
  readonly propagation: "megcn" | "normalized" | "lightgcn";
  readonly fusion: "concat" | "sum" | "weighted" | "fc";
  readonly cf: "none" | "lightgcn" | "megcn";
  readonly normalize: boolean;
  readonly regularize: "final" | "parameters";
  readonly excludeTarget: boolean;
  readonly freeze: boolean;
};

/** What stays fixed while MONET trains. */
export interface MonetContext {
  /** The settings. */
  readonly config: MonetConfig;
  /** Every user's training items. */
  readonly history: Pattern<Users, Items>;
  /** Â, the normalised interaction graph. */
  readonly adjacency: Csr<Nodes, Nodes>;
  /** The raw features of every modality. */
  readonly features: Readonly<Record<string, FeatureMatrix>>;
}

/** The parameters of a modality: user embeddings P, projection W and b, and the features X where they are trained. */
export type MonetPart = {
  readonly P: Matrix<Users, Dim>;
  readonly W: Matrix<Dim, Features>;
  readonly b: Vector<Dim>;
  readonly X?: Matrix<Items, Features>;
};

/** The parameters of MONET: those of every modality, and of the variants that have some, the further part and the fusion. */
export type MonetParams = {
  readonly modalities: { readonly [modality: string]: MonetPart };
  readonly cf?: Factors;
  readonly fusion?: FusionParams;
};

/** Builds the graph and puts the features on the device. */
export function prepare(data: Dataset, config: MonetConfig, place: Placement = {}): MonetContext {
  const history = histories(data, "train");
  return { config, history, adjacency: symmetricAdjacency(history, place), features: modalityFeatures(data, place) };
}

/** Draws the parameters: tables as Glorot and Bengio, W and b as PyTorch's linear layers. */
export function init(
  key: Key,
  { config: { dim, freeze, cf, fusion }, history, features, adjacency }: MonetContext,
): MonetParams {
  const { device } = adjacency.values.storage;
  const modalities = Object.entries(features).map(([modality, x], n): [string, MonetPart] => {
    const inputs = inputsOf(x);
    const [forP, forW, forB] = split(foldIn(key, n), 3);
    return [modality, {
      P: xavierUniform(forP, [history.rows, dim], { device }),
      W: linearUniform(forW, [dim, inputs], { inputs, device }),
      b: linearUniform(forB, [dim], { inputs, device }),
      ...trainable(x, freeze),
    }];
  });
  const [forTables, forFusion] = split(foldIn(key, -1));
  const further = cf === "none" ? {} : { cf: drawFactors(forTables, history, { dim, init: "uniform", device }) };
  const parts = modalities.length + Object.keys(further).length;
  return {
    modalities: Object.fromEntries(modalities),
    ...further,
    ...drawFusion(fusion, forFusion, { parts, dim, device }),
  };
}

/** (2) The projection of rows of raw features to embeddings. */
export function project<R extends number>(
  x: Matrix<R, Features> | Csr<R, Features>,
  { W, b }: Pick<MonetPart, "W" | "b">,
  { normalize }: Pick<MonetConfig, "normalize">,
): Matrix<R, Dim> {
  return normalize ? normalizeRows(linear(x, W), b) : linear(x, W, b);
}

/** (3) Linear propagation that keeps a share α of each node's own features. */
export function megcn(
  adjacency: Csr<Nodes, Nodes>,
  h: Matrix<Nodes, Dim>,
  { layers, alpha }: Pick<MonetConfig, "layers" | "alpha">,
): Matrix<Nodes, Dim> {
  return layers === 0 ? h : megcn(adjacency, propagate(adjacency, h, alpha), { layers: layers - 1, alpha });
}

/**
 * What (3) becomes when the self term is one neighbour more: D̃^(−½) (A + I) D̃^(−½) H with D̃ = D + I, layer by layer. A node of
 * degree D keeps 1 / (D + 1) of itself, and the entries of Â shrink by √(D / (D + 1)) of either end.
 */
export function normalized(
  adjacency: Csr<Nodes, Nodes>,
  h: Matrix<Nodes, Dim>,
  { layers }: Pick<MonetConfig, "layers">,
): Matrix<Nodes, Dim> {
  const { pattern, values } = adjacency;
  const perNode = (f: (neighbours: number) => number) =>
    fromArray(
      Float32Array.from({ length: pattern.rows }, (_, n) => f(degree(pattern, n))),
      [pattern.rows],
      values.storage,
    );
  const [own, root] = [perNode((d) => 1 / (d + 1)), perNode((d) => Math.sqrt(d / (d + 1)))];
  const layer = (h: Matrix<Nodes, Dim>) => add(scaleRows(spmm(adjacency, scaleRows(h, root)), root), scaleRows(h, own));
  return Array.from({ length: layers }).reduce<Matrix<Nodes, Dim>>(layer, h);
}

const propagations = {
  megcn,
  normalized,
  lightgcn: (adjacency: Csr<Nodes, Nodes>, h: Matrix<Nodes, Dim>, { layers }: Pick<MonetConfig, "layers">) =>
    meanOfLayers(adjacency, h, layers),
};

/**
 * What all nodes are in every modality, and in the further part if there is one, side by side: projected and propagated.
 * Propagation treats columns alike, so one pass serves all modalities.
 */
function parts({ modalities, cf }: MonetParams, { adjacency, features, config }: MonetContext): Matrix<Nodes, Dim> {
  const users = Object.values(modalities).map(({ P }) => P);
  const items = Object.entries(modalities).map(([modality, p]) => project(p.X ?? features[modality], p, config));
  const content = propagations[config.propagation](adjacency, concatBlocks([users, items]), config);
  if (!cf || config.cf === "none") return content;
  return concatColumns([content, propagations[config.cf](adjacency, nodesOf(cf), config)]);
}

/** The final embeddings of all nodes, users first: the parts fused. */
export function nodes(params: MonetParams, context: MonetContext): Matrix<Nodes, Dim> {
  const side = parts(params, context);
  return FUSIONS[context.config.fusion](side, side.shape[1] / context.config.dim, params.fusion ?? {});
}

/** The final embeddings, of users and of items. */
export function encode(params: MonetParams, context: MonetContext): Factors {
  return factorsOf(nodes(params, context), context.history);
}

/** The items' final embeddings of each modality, before they are fused. */
export function byModality(params: MonetParams, context: MonetContext): Readonly<Record<string, Matrix<Items, Dim>>> {
  const { config: { dim }, history } = context;
  const { items } = factorsOf(parts(params, context), history);
  return Object.fromEntries(
    Object.keys(params.modalities).map((modality, n) => [modality, sliceColumns(items, n * dim, (n + 1) * dim)]),
  );
}
