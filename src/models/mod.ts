/**
 * The catalogue of models, and helpers for models of your own.
 *
 * @module
 */
import { bm3 } from "./bm3.ts";
import { bprMf } from "./bpr_mf.ts";
import { ease } from "./ease.ts";
import { freedom } from "./freedom.ts";
import { grcn } from "./grcn.ts";
import { gume } from "./gume.ts";
import { itemKnn } from "./item_knn.ts";
import { lattice } from "./lattice.ts";
import { lightgcn } from "./lightgcn.ts";
import { maml } from "./maml.ts";
import { mario } from "./mario.ts";
import { mgcn } from "./mgcn.ts";
import { mmgcn } from "./mmgcn.ts";
import type { Model } from "./model.ts";
import { monet } from "./monet.ts";
import { ngcf } from "./ngcf.ts";
import { nympheas } from "./nympheas.ts";
import { popularity } from "./popularity.ts";
import { vbpr } from "./vbpr.ts";

export {
  bm3,
  type Bm3Config,
  type Bm3Context,
  type Bm3Encoded,
  type Bm3Layer,
  type Bm3Modality,
  type Bm3Params,
  type Bm3Projections,
  type Bm3Rows,
} from "./bm3.ts";
export { bprMf, type BprMfConfig, type BprMfContext } from "./bpr_mf.ts";
export { ease, type EaseConfig, type EaseWeights } from "./ease.ts";
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
export {
  freedom,
  type FreedomConfig,
  type FreedomContext,
  type FreedomModality,
  type FreedomParams,
  type FreedomProjections,
} from "./freedom.ts";
export type { Joinable, Messages } from "./fold_in.ts";
export {
  grcn,
  type GrcnConfig,
  type GrcnContext,
  type GrcnEncoded,
  type GrcnModality,
  type GrcnParams,
} from "./grcn.ts";
export {
  gume,
  type GumeConfig,
  type GumeContext,
  type GumeEncoded,
  type GumeLayer,
  type GumeModality,
  type GumeParams,
  type GumeSeparation,
} from "./gume.ts";
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
export { mgcn, type MgcnConfig, type MgcnContext, type MgcnModality, type MgcnParams, type MgcnViews } from "./mgcn.ts";
export type { MarioEncoderParams } from "./mario_encoders.ts";
export {
  mmgcn,
  type MmgcnConfig,
  type MmgcnContext,
  type MmgcnEncoded,
  type MmgcnLayer,
  type MmgcnNetwork,
  type MmgcnParams,
} from "./mmgcn.ts";
export type {
  Columns,
  ContentContext,
  InteractionContext,
  Model,
  ModelSamplerOptions,
  RefreshAt,
  ScorePart,
} from "./model.ts";
export type { MonetEncoded } from "./monet_fold_in.ts";
export { monet, type MonetConfig, type MonetContext, type MonetParams, type MonetPart } from "./monet.ts";
export { ngcf, type NgcfConfig, type NgcfContext, type NgcfEncoded, type NgcfLayer, type NgcfParams } from "./ngcf.ts";
export {
  nympheas,
  type NympheasConfig,
  type NympheasContext,
  type NympheasModality,
  type NympheasParams,
} from "./nympheas.ts";
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
  ease,
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
  freedom,
  bm3,
  mgcn,
  gume,
  nympheas,
};
