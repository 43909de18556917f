/**
 * The encoders of interactions that MARIO may have: BPR-MF, NGCF and LightGCN.
 *
 * @module
 */
import type { Dim, Items, Nodes, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import type { Key } from "../core/random.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Placement } from "../core/tensor.ts";
import { symmetricAdjacency, walkAdjacency } from "../data/graph.ts";
import { meanOfLayers } from "./factors.ts";
import { drawLayers, type NgcfLayer, propagated } from "./ngcf.ts";

/** The settings of an encoder. */
interface EncoderConfig {
  readonly dim: number;
  readonly layers: number;
  readonly dropout: number;
}

/** The parameters of an encoder besides tables: the weights of NGCF's layers; none for the others. */
export type MarioEncoderParams = { readonly layers?: readonly NgcfLayer[] };

/** An encoder of interactions. */
export interface InteractionEncoder {
  /** Returns the graph of its propagation. */
  readonly graph: (history: Pattern<Users, Items>, place: Placement) => Csr<Nodes, Nodes>;
  /** Returns the width of its embeddings. */
  readonly width: (config: EncoderConfig) => number;
  /** Draws its own parameters. */
  readonly draw: (key: Key, config: EncoderConfig, place: Placement) => MarioEncoderParams;
  /** Returns the embeddings of all nodes; with a key, those of a training step. */
  readonly encode: (
    graph: Csr<Nodes, Nodes>,
    start: Matrix<Nodes, Dim>,
    params: MarioEncoderParams,
    config: EncoderConfig,
    key?: Key,
  ) => Matrix<Nodes, Dim>;
}

const plain = { graph: symmetricAdjacency, width: ({ dim }: EncoderConfig) => dim, draw: () => ({}) };
const likeItsCode = { layer: "code", normalize: true, combine: "concat" } as const;

/** (1) by the name of the encoder. */
export const INTERACTION_ENCODERS: Readonly<Record<"bprmf" | "ngcf" | "lightgcn", InteractionEncoder>> = {
  /** The tables themselves. */
  bprmf: { ...plain, encode: (_, start) => start },
  /** All layers side by side, as NGCF's code computes them. */
  ngcf: {
    graph: (history, place) => walkAdjacency(history, { ...place, self: true }),
    width: ({ dim, layers }) => dim * (layers + 1),
    draw: (key, { dim, layers }, place) => ({
      layers: drawLayers(key, { dim, layers, layer: likeItsCode.layer }, place),
    }),
    encode: (graph, start, { layers = [] }, { dropout }, key) =>
      propagated(graph, start, layers, { ...likeItsCode, dropout }, key),
  },
  /** The mean of all layers. */
  lightgcn: { ...plain, encode: (graph, start, _, { layers }) => meanOfLayers(graph, start, layers) },
};
