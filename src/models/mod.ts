/**
 * The catalogue of models.
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
import { mmgcn } from "./mmgcn.ts";
import type { Model } from "./model.ts";
import { monet } from "./monet.ts";
import { ngcf } from "./ngcf.ts";
import { popularity } from "./popularity.ts";
import { vbpr } from "./vbpr.ts";

export { bprMf, type BprMfConfig, type BprMfContext } from "./bpr_mf.ts";
export * from "./factors.ts";
export type { FusionParams } from "./fusion.ts";
export { grcn, type GrcnConfig, type GrcnContext, type GrcnParams } from "./grcn.ts";
export type { GrcnModality } from "./grcn_graph.ts";
export { gume, type GumeConfig, type GumeContext, type GumeLayer, type GumeModality, type GumeParams } from "./gume.ts";
export { itemKnn, type ItemKnnConfig, type Neighbours } from "./item_knn.ts";
export { lattice, type LatticeConfig, type LatticeContext, type LatticeParams } from "./lattice.ts";
export type { ItemGraphContext, ItemGraphParams, Modal } from "./lattice_graph.ts";
export { lightgcn, type LightgcnConfig, type LightgcnContext } from "./lightgcn.ts";
export { maml, type MamlConfig, type MamlContext, type MamlEmbeddings, type MamlParams } from "./maml.ts";
export type { Attention, Layer, Modalities, Networks, Projection } from "./maml_networks.ts";
export { mario, type MarioConfig, type MarioContext, type MarioEmbeddings, type MarioParams } from "./mario.ts";
export type { AttentionParams } from "./mario_attention.ts";
export type { EncoderParams, MarioPart, MarioParts } from "./mario_modalities.ts";
export { mmgcn, type MmgcnConfig, type MmgcnContext, type MmgcnNetwork, type MmgcnParams } from "./mmgcn.ts";
export type { MmgcnLayer } from "./mmgcn_layers.ts";
export type * from "./model.ts";
export type { MonetConfig, MonetContext, MonetParams, MonetPart } from "./megcn.ts";
export { monet } from "./monet.ts";
export { ngcf, type NgcfConfig, type NgcfContext, type NgcfLayer, type NgcfParams } from "./ngcf.ts";
export { type Popularity, popularity } from "./popularity.ts";
export { encoded, type Objective, objective, refreshed, samplerOf } from "./refresh.ts";
export { type Projections, vbpr, type VbprConfig, type VbprContext, type VbprParams } from "./vbpr.ts";

/** Every model by its name. A new one joins here, and training, ranking and the command line know it. */
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
