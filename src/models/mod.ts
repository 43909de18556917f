/**
 * The catalogue of models, and helpers for models of your own.
 *
 * @module
 */
import { bprMf } from "./bpr_mf.ts";
import { grcn } from "./grcn.ts";
import { gume } from "./gume.ts";
import { itemKnn } from "./item_knn.ts";
import { lattice } from "./lattice.ts";
import { lightgcn } from "./lightgcn.ts";
import { maml } from "./maml.ts";
import { mario } from "./mario.ts";
export type { MarioEncoderParams } from "./mario_encoders.ts";
import { mmgcn } from "./mmgcn.ts";
import type { Model } from "./model.ts";
import { monet } from "./monet.ts";
import { ngcf } from "./ngcf.ts";
import { popularity } from "./popularity.ts";
import { vbpr } from "./vbpr.ts";

export { bprMf, type BprMfConfig, type BprMfContext } from "./bpr_mf.ts";
export {
  batchL2,
  type BatchRows,
  batchRows,
  dotBpr,
  dotScore,
  drawFactors,
  type Factors,
  factorsOf,
  type FusionParams,
  inputsOf,
  layersOf,
  meanOfLayers,
  nodesOf,
} from "./factors.ts";
export { grcn, type GrcnConfig, type GrcnContext, type GrcnModality, type GrcnParams } from "./grcn.ts";
export { gume, type GumeConfig, type GumeContext, type GumeLayer, type GumeModality, type GumeParams } from "./gume.ts";
export { itemKnn, type ItemKnnConfig, type ItemNeighbours } from "./item_knn.ts";
export {
  lattice,
  type LatticeConfig,
  type LatticeContext,
  type LatticeGraphParams,
  type LatticeModal,
  type LatticeParams,
} from "./lattice.ts";
export { lightgcn, type LightgcnConfig, type LightgcnContext } from "./lightgcn.ts";
export {
  maml,
  type MamlAttention,
  type MamlConfig,
  type MamlContext,
  type MamlEmbeddings,
  type MamlLayer,
  type MamlNetworks,
  type MamlParams,
  type MamlProjection,
} from "./maml.ts";
export {
  mario,
  type MarioAttentionParams,
  type MarioConfig,
  type MarioContext,
  type MarioEmbeddings,
  type MarioParams,
  type MarioPart,
  type MarioParts,
} from "./mario.ts";
export {
  mmgcn,
  type MmgcnConfig,
  type MmgcnContext,
  type MmgcnLayer,
  type MmgcnNetwork,
  type MmgcnParams,
} from "./mmgcn.ts";
export type {
  ContentContext,
  Explanation,
  InteractionContext,
  Model,
  ModelSamplerOptions,
  RefreshAt,
} from "./model.ts";
export { monet, type MonetConfig, type MonetContext, type MonetParams, type MonetPart } from "./monet.ts";
export { ngcf, type NgcfConfig, type NgcfContext, type NgcfLayer, type NgcfParams } from "./ngcf.ts";
export { popularity, type PopularityCounts } from "./popularity.ts";
export {
  type EdgesConfig,
  edgesSettings,
  ranked,
  type RankingConfig,
  rankingLoss,
  rankingRows,
  rankingSampler,
  rankingSettings,
  stepGraph,
} from "./ranking.ts";
export { encoded, type Objective, objective, samplerOf } from "./refresh.ts";
export { vbpr, type VbprConfig, type VbprContext, type VbprParams, type VbprProjections } from "./vbpr.ts";

/**
 * Every model by its name. Training, ranking and the command line find a model here.
 *
 * @example
 * ```ts
 * import { models } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(models.lightgcn.source, "He et al., SIGIR 2020, arXiv 2002.02126");
 * ```
 */
export const models: Readonly<Record<string, Model>> = {
  popularity,
  itemknn: itemKnn,
  bprmf: bprMf,
  vbpr,
  ngcf,
  lightgcn,
  maml,
  mario,
  monet,
  mmgcn,
  grcn,
  lattice,
  gume,
};
